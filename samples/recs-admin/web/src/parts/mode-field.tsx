/** What is done about a collection that is there. The field is named `mode`. */
export function ModeField(): React.JSX.Element {
  return (
    <label>
      How
      <select name="mode">
        <option value="create">make it new</option>
        <option value="append">add to it</option>
        <option value="replace">drop it and make it anew</option>
      </select>
    </label>
  );
}
