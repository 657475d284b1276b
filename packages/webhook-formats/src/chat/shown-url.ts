/** Words of the chat services' own addresses; whatever else is in a path may be a credential. */
const WORDS =
  /^(|api|v\d{1,2}|webhooks|services|workflows|triggers|hooks|spaces|messages|sendMessage)$/;

/**
 * The address of a chat service without its credential, which each has at another place: the host,
 * the words that are known to be none, and `…` for the rest. What is left out cannot be told from
 * this by its length. A text that is no URL is shown as `…` alone.
 */
export function withoutCredential(text: string): string {
  const url = URL.parse(text);
  if (url === null) return '…';
  const segments = url.pathname.split('/').map((segment) => (WORDS.test(segment) ? segment : '…'));
  return `${url.origin}${segments.join('/')}${url.search === '' ? '' : '?…'}`;
}
