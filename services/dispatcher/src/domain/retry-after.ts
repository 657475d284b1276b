/** A receiver may push its next attempt off by a day at most. */
const RETRY_AFTER_MAX_MS = 24 * 60 * 60 * 1000;

const HTTP_DATE = /^[A-Za-z]{3,9},? [-A-Za-z0-9: ]+?( GMT)?$/;

/**
 * The wait that a Retry-After header asks for (RFC 9110 section 10.2.3: seconds or an HTTP date), in
 * milliseconds, clamped to a day; a date in the past is 0, and what is neither is ignored.
 */
export function parseRetryAfter(
  header: string | string[] | undefined,
  nowMs: number,
): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, RETRY_AFTER_MAX_MS);
  const form = HTTP_DATE.exec(text);
  if (form === null) return undefined;
  // The old form of asctime() names no zone and is GMT like the others.
  const date = Date.parse(form[1] === undefined ? `${text} GMT` : text);
  if (Number.isNaN(date)) return undefined;
  return Math.min(Math.max(date - nowMs, 0), RETRY_AFTER_MAX_MS);
}
