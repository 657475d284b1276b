import { isIP } from 'node:net';

/** A forward proxy, as the operator set it: trusted, and reached wherever it is. */
export interface ForwardProxy {
  readonly host: string;
  readonly port: number;
  /** Whether it is spoken to over TLS. */
  readonly secure: boolean;
  /** Whether `host` is an IP address. */
  readonly isAddress: boolean;
  /** The value of Proxy-Authorization. */
  readonly authorization: string | undefined;
}

/**
 * Reads `http://proxy.example.com:3128`, or https, with user name and password where the proxy asks
 * for them. undefined for anything else: another scheme, a path, a query.
 */
export function parseProxy(text: string): ForwardProxy | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return undefined;
  const secure = url.protocol === 'https:';
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const credentials = credentialsOf(url);
  if (credentials === undefined) return undefined;
  return {
    host,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
    isAddress: isIP(host) !== 0,
    authorization:
      credentials === '' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
  };
}

/** `user:password`, empty where there is neither, undefined where an escape in it is broken. */
function credentialsOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return '';
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return undefined;
  }
}
