/** Why something cannot be done with this provider. */
export function NotPossible({ reason }: { readonly reason: string }): React.JSX.Element {
  return (
    <p role="note">
      <strong>Not possible here.</strong> {reason}
    </p>
  );
}
