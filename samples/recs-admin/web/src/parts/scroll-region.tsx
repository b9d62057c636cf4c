/** Something wide in a region that scrolls by itself, also by the keyboard. */
export function ScrollRegion({
  name,
  children,
}: {
  readonly name: string;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the region cannot be scrolled by the keyboard.
    <section className="scroll" aria-label={name} tabIndex={0}>
      {children}
    </section>
  );
}
