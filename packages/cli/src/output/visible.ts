/**
 * Text with its control characters but line feeds spelled out (`\\x1b`): a name in a foreign dataset
 * must not steer the terminal it is shown on.
 */
export function visible(text: string): string {
  return text.replaceAll(
    /(?!\n)\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
