const ELLIPSIS = '…';
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Writes a text so that a service shows it as it is; of a whole it must be what it is of its parts. */
export type Escape = (text: string) => string;

/**
 * The text, escaped, in at most `max` UTF-16 units: cut between graphemes, with an ellipsis, and
 * never within an escape. Services count in code points or in UTF-16 units; the latter are never
 * fewer, so that the limit holds for both.
 */
export function fit(text: string, max: number, write: Escape = (same) => same): string {
  const whole = text.length <= max ? write(text) : undefined;
  if (whole !== undefined && whole.length <= max) return whole;
  const room = max - write(ELLIPSIS).length;
  let result = '';
  // Escaping makes nothing shorter, so that no more than this can be kept.
  for (const { segment } of graphemes.segment(text.slice(0, max + 64))) {
    const next = write(segment);
    if (result.length + next.length > room) break;
    result += next;
  }
  return `${result.trimEnd()}${write(ELLIPSIS)}`;
}

/**
 * Foreign text on one line: control characters and those that turn the direction of writing round,
 * with which one text can be made to look like another, are taken out.
 */
export function oneLine(text: string): string {
  return text
    .slice(0, LINE_MAX)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(/[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g, '')
    .trim();
}

/** No service takes more in one place; the rest need not be looked at. */
const LINE_MAX = 8192;

/** For HTML as chat services know it. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
