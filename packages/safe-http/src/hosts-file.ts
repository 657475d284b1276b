import { readFileSync, statSync } from 'node:fs';

const checkedEveryMs = 5_000;

/**
 * The machine's hosts file, which comes before DNS as it does for getaddrinfo. It is read again
 * when its modification time changes, looked at most every 5 s. A file that cannot be read is empty.
 */
export function createHostsFile(path = '/etc/hosts'): {
  readonly addressesOf: (host: string) => readonly string[];
} {
  let names: ReadonlyMap<string, readonly string[]> = new Map();
  let modifiedMs = -1;
  let checkedAt = Number.NEGATIVE_INFINITY;

  function refresh(): void {
    if (performance.now() - checkedAt < checkedEveryMs) return;
    checkedAt = performance.now();
    try {
      const { mtimeMs } = statSync(path);
      if (mtimeMs === modifiedMs) return;
      names = parseHosts(readFileSync(path, 'utf8'));
      modifiedMs = mtimeMs;
    } catch {
      names = new Map();
      modifiedMs = -1;
    }
  }

  return {
    addressesOf(host) {
      refresh();
      return names.get(host.endsWith('.') ? host.slice(0, -1) : host) ?? [];
    },
  };
}

/** Parses hosts(5): an address and its names a line, `#` begins a comment. Names in lower case. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address, ...aliases] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    if (address === undefined) continue;
    for (const alias of aliases) {
      const name = alias.toLowerCase();
      const addresses = names.get(name) ?? [];
      if (!addresses.includes(address)) addresses.push(address);
      names.set(name, addresses);
    }
  }
  return names;
}
