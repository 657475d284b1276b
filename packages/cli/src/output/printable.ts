/**
 * Text of others, fit for a terminal: names of events, answers of endpoints and the like may hold
 * control characters, by which they could rewrite what is on the screen. They are shown as escapes.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, escapeCharacter);
}

/** As `printable`, of a text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** JSON whose strings hold no control character, C1 and bidirectional ones included. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return text.replace(/[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu, escapeCharacter);
}

/** Columns that a text takes on a terminal, with one for each character but wide ones, which take two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}

const WIDE =
  /[\p{Extended_Pictographic}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u;

function escapeCharacter(character: string): string {
  // A character beyond the first plane is two escapes, as JSON has it.
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
