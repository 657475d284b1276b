import { isIP } from 'node:net';
import { type ForwardProxy, parseAllowSubnets, parseProxy, type Subnet } from '@hookline/safe-http';
import type { ParsedValue, Variable } from './environment.ts';

interface Naming<T> {
  readonly name: string;
  readonly fallback?: T;
  readonly secret?: boolean;
}

const fault = { ok: false } as const;
const good = <T>(value: T): ParsedValue<T> => ({ ok: true, value });

/** The same variable, but undefined when it is not set. */
export function optional<T>(variable: Variable<T>): Variable<T | undefined> {
  return { ...variable, optional: true };
}

/** A whole number within bounds, both included. `unit` (days, ms, bytes) goes into the rule. */
export function integer(
  options: Naming<number> & { readonly min: number; readonly max: number; readonly unit?: string },
): Variable<number> {
  const { min, max, unit, ...naming } = options;
  return {
    ...naming,
    rule: `a whole number from ${min} to ${max}${unit === undefined ? '' : ` (${unit})`}`,
    parse(text) {
      if (!/^-?\d{1,15}$/.test(text)) return fault;
      const value = Number(text);
      return value >= min && value <= max ? good(value) : fault;
    },
  };
}

/** `true` or `false`, also `1` and `0`, `yes` and `no`, `on` and `off`, in any case. */
export function boolean(naming: Naming<boolean>): Variable<boolean> {
  return {
    ...naming,
    rule: 'true or false',
    parse(text) {
      if (/^(true|1|yes|on)$/i.test(text)) return good(true);
      return /^(false|0|no|off)$/i.test(text) ? good(false) : fault;
    },
  };
}

/** One of a list of words, exactly as listed. */
export function oneOf<const T extends string>(
  options: Naming<NoInfer<T>> & { readonly values: readonly T[] },
): Variable<T> {
  const { values, ...naming } = options;
  return {
    ...naming,
    rule: `one of ${values.join(', ')}`,
    parse: (text) => ((values as readonly string[]).includes(text) ? good(text as T) : fault),
  };
}

/** Any text that matches; `rule` says in words what does. */
export function text(
  options: Naming<string> & { readonly rule: string; readonly pattern?: RegExp },
): Variable<string> {
  const { pattern, ...naming } = options;
  return {
    ...naming,
    parse: (value) => (pattern === undefined || pattern.test(value) ? good(value) : fault),
  };
}

/** A URL with one of the schemes, kept as written. */
export function urlOf(
  options: Naming<string> & { readonly schemes: readonly string[]; readonly example: string },
): Variable<string> {
  const { schemes, example, ...naming } = options;
  return {
    ...naming,
    rule: `a URL such as ${example}`,
    parse(value) {
      const url = URL.parse(value);
      return url !== null && schemes.includes(url.protocol.slice(0, -1)) ? good(value) : fault;
    },
  };
}

/** NATS URLs, split at commas. */
export function natsUrls(naming: Naming<readonly string[]>): Variable<readonly string[]> {
  return {
    ...naming,
    rule: 'NATS URLs separated by commas, such as nats://nats.example.com:4222',
    parse(value) {
      const urls = value.split(',').map((url) => url.trim());
      const isNats = (url: string) => /^(nats|tls|wss?):$/.test(URL.parse(url)?.protocol ?? '');
      return urls.every(isNats) ? good(urls) : fault;
    },
  };
}

/** `host:port`, an IPv6 host in brackets. */
export function address(naming: Naming<string>): Variable<string> {
  return {
    ...naming,
    rule: 'host:port, such as 127.0.0.1:50051',
    parse(value) {
      const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(value);
      const port = Number(match?.[2] ?? 0);
      return port >= 1 && port <= 65_535 ? good(value) : fault;
    },
  };
}

/** An IP address to listen on. */
export function bindAddress(naming: Naming<string>): Variable<string> {
  return {
    ...naming,
    rule: 'an IP address of this machine: 127.0.0.1 for this machine alone, 0.0.0.0 for everybody',
    parse: (value) => (isIP(value) === 0 ? fault : good(value)),
  };
}

/** A list of networks, `10.0.0.0/8,::1/128`, split at commas. */
export function subnets(naming: Naming<readonly Subnet[]>): Variable<readonly Subnet[]> {
  return {
    ...naming,
    rule: 'networks in CIDR notation, host bits zero, separated by commas, such as 10.0.0.0/8,fd00::/8',
    parse(value) {
      const parsed = parseAllowSubnets(value);
      return parsed.ok && parsed.subnets.length > 0 ? good(parsed.subnets) : fault;
    },
  };
}

/** The URL of a forward proxy. It may hold a password, so it is never shown. */
export function forwardProxy(naming: Naming<ForwardProxy>): Variable<ForwardProxy> {
  return {
    ...naming,
    secret: true,
    rule: 'a URL without a path such as http://proxy.example.com:3128 or https://user:password@proxy.example.com',
    parse(value) {
      const proxy = parseProxy(value);
      return proxy === undefined ? fault : good(proxy);
    },
  };
}

/** Several keys as `masterKey` takes one, split at commas. */
export function masterKeys(naming: Naming<readonly string[]>): Variable<readonly string[]> {
  return {
    ...naming,
    secret: true,
    rule: 'keys of 32 bytes in base64 (44 characters each), separated by commas',
    parse(value) {
      const keys = value.split(',').map((key) => key.trim());
      return keys.every((key) => /^[A-Za-z0-9+/]{43}=$/.test(key)) ? good(keys) : fault;
    },
  };
}

/** 32 bytes in base64, never shown. */
export function masterKey(naming: Naming<string>): Variable<string> {
  return {
    ...naming,
    secret: true,
    rule: '32 bytes in base64 (44 characters); `openssl rand -base64 32` makes one',
    parse: (value) => (/^[A-Za-z0-9+/]{43}=$/.test(value) ? good(value) : fault),
  };
}
