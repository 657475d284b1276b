import { lookup, Resolver } from 'node:dns/promises';
import { createHostsFile } from './hosts-file.ts';

/**
 * Answers all addresses of a host name, at least one, or throws an error with a `code`. It need
 * not time out: callers give up by themselves.
 */
export type Resolve = (host: string) => Promise<readonly string[]>;

const queryTimeoutMs = 2_500;
const answersMax = 2_048;
const answerKeptMs = 5_000;
const lookupsMax = 2;
const lookupsWaitingMax = 256;
const resolverKeptMs = 60_000;

export interface ResolverOptions {
  /** Name servers (`address:port`) asked instead of the system's, and getaddrinfo never. For tests. */
  readonly servers?: readonly string[];
  /** How long an answer is kept. Default: 5,000. */
  readonly keptMs?: number;
}

/**
 * The system's resolver without its trap: `dns.lookup` runs getaddrinfo on libuv's four threads,
 * so four names whose server never answers would stop every other lookup, and file and crypto work
 * with them. Hence the hosts file and then asynchronous DNS queries; getaddrinfo (search domains,
 * mDNS, nsswitch) only for names that DNS does not know, two at a time. Simultaneous questions for
 * one name share one answer, which is kept for 5 s (a failure: not at all) so that receivers
 * closing each connection do not cost a query per request.
 */
export function createSystemResolver(options: ResolverOptions = {}): Resolve {
  const { servers, keptMs = answerKeptMs } = options;
  const answers = new Map<
    string,
    { readonly promise: Promise<readonly string[]>; until: number }
  >();
  const hostsFile = createHostsFile();
  const query = createDnsQuery(servers);
  const lookupAll = servers === undefined ? createBoundedLookup() : async () => [];

  async function ask(host: string): Promise<readonly string[]> {
    const known = hostsFile.addressesOf(host);
    if (known.length > 0) return known;
    if (!host.includes('.')) return lookupAll(host);
    const found = await query(host);
    return found ?? lookupAll(host);
  }

  return function resolve(host) {
    const now = performance.now();
    const kept = answers.get(host);
    if (kept !== undefined && kept.until > now) return kept.promise;
    // At the bound all answers are forgotten: cheap, and rare enough to not matter.
    if (answers.size >= answersMax) answers.clear();
    const entry = { promise: ask(host), until: Number.POSITIVE_INFINITY };
    answers.set(host, entry);
    entry.promise.then(
      () => {
        entry.until = performance.now() + keptMs;
      },
      () => {
        if (answers.get(host) === entry) answers.delete(host);
      },
    );
    return entry.promise;
  };
}

/** Answers `undefined` where DNS has no such name or cannot be asked at all, throws on a timeout. */
function createDnsQuery(
  servers: readonly string[] | undefined,
): (host: string) => Promise<readonly string[] | undefined> {
  const open = () => {
    const made = new Resolver({ timeout: queryTimeoutMs, tries: 2 });
    if (servers !== undefined) made.setServers(servers);
    return made;
  };
  let resolver = open();
  let createdAt = performance.now();
  return async function query(host) {
    // A resolver reads resolv.conf once, when it is made; machines change networks.
    if (performance.now() - createdAt > resolverKeptMs) {
      resolver = open();
      createdAt = performance.now();
    }
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? answer.value : [],
    );
    if (addresses.length > 0) return addresses;
    const timedOut = answers.find(
      (answer) => answer.status === 'rejected' && answer.reason?.code === 'ETIMEOUT',
    );
    if (timedOut?.status === 'rejected') throw timedOut.reason;
    return undefined;
  };
}

function createBoundedLookup(): (host: string) => Promise<readonly string[]> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async function lookupAll(host) {
    if (running >= lookupsMax) {
      if (waiting.length >= lookupsWaitingMax) {
        throw Object.assign(new Error('too many name lookups are waiting'), { code: 'EBUSY' });
      }
      // The one that ends hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return (await lookup(host, { all: true })).map(({ address }) => address);
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
