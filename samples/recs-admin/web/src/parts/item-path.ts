/** The address of an item's page. Not in the path: an identifier may hold any character, a slash too. */
export function itemPath(id: string): string {
  return `/items?${new URLSearchParams({ id })}`;
}
