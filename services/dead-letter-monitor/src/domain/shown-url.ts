const TOKEN_LENGTH_MIN = 20;

/**
 * A URL as a mail may show it. Query values are left out, and so are segments of the path that look
 * like a token (20 characters or more with digits in them): chat services and some receivers keep
 * their credential there, and a mail travels further than the subscription does.
 */
export function shownUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return '(a URL that cannot be read)';
  const path = url.pathname
    .split('/')
    .map((segment) => (looksLikeToken(segment) ? '…' : segment))
    .join('/');
  return `${url.protocol}//${url.host}${path}${url.search === '' ? '' : '?…'}`;
}

function looksLikeToken(segment: string): boolean {
  return segment.length >= TOKEN_LENGTH_MIN && /\d/.test(segment) && /[A-Za-z]/.test(segment);
}
