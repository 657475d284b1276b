/** An IPv6 address in brackets, as URLs and `listen` want it; anything else as it is. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Where one calls what listens on `host`: a wildcard address is one to listen on, not one to call. */
export function callable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
