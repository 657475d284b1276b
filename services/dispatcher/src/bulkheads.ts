import {
  afterAttempt,
  atTime,
  type Breaker,
  type EndpointGuard,
  initialGuard,
} from './domain/endpoint-guard.ts';
import type { EndpointSignal } from './domain/endpoint-signal.ts';
import {
  type BucketLimit,
  bucketLimit,
  filled,
  fullBucket,
  type TokenBucket,
  untilToken,
} from './domain/token-bucket.ts';
import type { Gate } from './executor.ts';

export interface BulkheadsOptions {
  /** Most requests at once to one endpoint, however well it fares. */
  readonly limitMax: number;
  /** What a subscriber set; undefined for one that is not known. */
  readonly subscription: (id: string) => EndpointSettings | undefined;
  /** An endpoint is held back from now on, or let go. */
  readonly onHeld: (id: string) => void;
  readonly onFreed: (id: string) => void;
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds that never go back. Default: the process's. */
  readonly now?: () => number;
}

export interface EndpointSettings {
  /** Of the subscription's last change; a changed one is treated as if nothing were known of it. */
  readonly epoch: number;
  readonly rateLimit?: { readonly requestsPerSecond: number; readonly burst?: number };
}

/** What an operator may see of an endpoint, as this dispatcher treats it. */
export interface EndpointState {
  readonly breaker: Breaker;
  /** Milliseconds from now until when nothing is sent; 0 when nothing holds it back. */
  readonly heldForMs: number;
  readonly limit: number;
  /** Requests a second; undefined without a limit. */
  readonly rate: number | undefined;
}

/** The bulkheads between endpoints: how much each may have of this dispatcher, and when. */
export interface Bulkheads extends Gate {
  /** Learns from an attempt that ended now, after `durationMs`. */
  observe(id: string, seen: Observed): void;
  /** Another dispatcher opened the breaker, and its next request is a probe. */
  adoptProbe(id: string): void;
  /** Endpoints that may begin nothing now, at most 2,000, and in how many ms the first of them may. */
  closedNow(): { readonly ids: string[]; readonly openInMs: number | undefined };
  /** How many dispatchers share the limits of rate. */
  shareAmong(dispatchers: number): void;
  state(id: string): EndpointState | undefined;
  /** Endpoints whose state changed since the last call, and those that were forgotten. */
  takeChanged(): string[];
  /** How many endpoints are in each state, for metrics. */
  count(): Readonly<Record<Breaker, number>>;
}

export interface Observed {
  readonly signal: EndpointSignal;
  readonly durationMs: number;
  readonly retryAfterMs?: number;
}

interface Entry {
  guard: EndpointGuard;
  bucket: TokenBucket | undefined;
  settings: EndpointSettings | undefined;
  /** Admitted and not finished: running, or waiting in the executor. */
  admitted: number;
  probing: boolean;
  usedAt: number;
  /** Ends of attempts, by the second. */
  secondBeganAt: number;
  ended: number;
  endedBefore: number;
}

/** An endpoint without a request for so long is forgotten, one that was held back a while later. */
const FORGOTTEN_AFTER_MS = 60_000;
const HELD_FORGOTTEN_AFTER_MS = 600_000;
const CLOSED_MAX = 2_000;

/** Keeps a guard for each endpoint in use; those of a minute or ten ago are forgotten. */
export function createBulkheads(options: BulkheadsOptions): Bulkheads {
  const { limitMax, now = () => performance.now() } = options;
  const entries = new Map<string, Entry>();
  const changed = new Set<string>();
  let dispatchers = 1;

  function entryOf(id: string): Entry {
    const settings = options.subscription(id);
    const known = entries.get(id);
    if (known !== undefined && known.settings?.epoch === settings?.epoch) return known;
    const wasHeld = known !== undefined && now() < known.guard.heldUntil;
    const entry: Entry = {
      guard: initialGuard,
      bucket: undefined,
      settings,
      admitted: known?.admitted ?? 0,
      probing: false,
      usedAt: now(),
      secondBeganAt: now(),
      ended: 0,
      endedBefore: 0,
    };
    entries.set(id, entry);
    if (known !== undefined) changed.add(id);
    if (wasHeld) options.onFreed(id);
    return entry;
  }

  function rateLimitOf({ guard, settings }: Entry): BucketLimit | undefined {
    const own = settings?.rateLimit && bucketLimit(settings.rateLimit, dispatchers);
    // What throttling left is this dispatcher's own already.
    if (guard.rate === undefined || (own !== undefined && own.rate <= guard.rate)) return own;
    return bucketLimit({ requestsPerSecond: guard.rate }, 1);
  }

  function refill(entry: Entry): BucketLimit | undefined {
    const limit = rateLimitOf(entry);
    if (limit === undefined) entry.bucket = undefined;
    else entry.bucket = filled(entry.bucket ?? fullBucket(limit, now()), limit, now());
    return limit;
  }

  function update(id: string, entry: Entry, next: EndpointGuard): void {
    const { guard } = entry;
    if (next === guard) return;
    entry.guard = next;
    const isSeen =
      next.breaker !== guard.breaker ||
      next.heldUntil !== guard.heldUntil ||
      next.rate !== guard.rate ||
      Math.floor(next.limit) !== Math.floor(guard.limit);
    if (isSeen) changed.add(id);
    const at = now();
    if (next.heldUntil > at && next.heldUntil !== guard.heldUntil) options.onHeld(id);
    else if (next.breaker === 'closed' && guard.breaker !== 'closed') options.onFreed(id);
  }

  function room(id: string, entry: Entry): number {
    update(id, entry, atTime(entry.guard, now()));
    const { guard } = entry;
    if (now() < guard.heldUntil) return 0;
    if (guard.breaker === 'half_open') return entry.probing ? 0 : 1;
    const limit = refill(entry);
    const free = Math.floor(guard.limit) - entry.admitted;
    if (limit === undefined || entry.bucket === undefined) return free;
    return Math.min(free, Math.floor(entry.bucket.tokens));
  }

  function ratePerSecond(entry: Entry): number {
    const measured = Math.max(entry.ended, entry.endedBefore, 1);
    return Math.min(measured, rateLimitOf(entry)?.rate ?? measured);
  }

  function countEnd(entry: Entry): void {
    const age = now() - entry.secondBeganAt;
    if (age >= 1_000) {
      entry.endedBefore = age < 2_000 ? entry.ended : 0;
      entry.ended = 0;
      entry.secondBeganAt = now();
    }
    entry.ended += 1;
  }

  function forgetUnused(): void {
    for (const [id, { admitted, usedAt, guard }] of entries) {
      const idleMs = now() - Math.max(usedAt, guard.heldUntil);
      const isOpen = guard.breaker !== 'closed' || guard.rate !== undefined;
      if (admitted > 0 || idleMs < (isOpen ? HELD_FORGOTTEN_AFTER_MS : FORGOTTEN_AFTER_MS))
        continue;
      entries.delete(id);
      if (guard !== initialGuard) changed.add(id);
    }
  }

  return {
    limit(id) {
      const { guard } = entryOf(id);
      return now() < guard.heldUntil ? 0 : Math.floor(guard.limit);
    },
    admit(id) {
      const entry = entryOf(id);
      entry.usedAt = now();
      update(id, entry, atTime(entry.guard, now()));
      if (now() < entry.guard.heldUntil) return false;
      if (entry.guard.breaker === 'half_open') {
        if (entry.probing) return false;
        entry.probing = true;
      } else if (refill(entry) !== undefined && entry.bucket !== undefined) {
        if (entry.bucket.tokens < 1) return false;
        entry.bucket = { ...entry.bucket, tokens: entry.bucket.tokens - 1 };
      }
      entry.admitted += 1;
      return true;
    },
    giveBack(id) {
      const entry = entryOf(id);
      entry.admitted -= 1;
      entry.probing = false;
      if (entry.bucket !== undefined) {
        entry.bucket = { ...entry.bucket, tokens: entry.bucket.tokens + 1 };
      }
    },
    finished(id) {
      const entry = entryOf(id);
      entry.admitted -= 1;
      entry.probing = false;
      entry.usedAt = now();
    },
    observe(id, { signal, durationMs, retryAfterMs }) {
      const entry = entryOf(id);
      countEnd(entry);
      const { guard } = entry;
      const next = afterAttempt(guard, {
        signal,
        startedAt: now() - durationMs,
        now: now(),
        atLimit: entry.admitted >= Math.floor(guard.limit),
        limitMax,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        ratePerSecond: guard.rate === undefined ? ratePerSecond(entry) : guard.rate,
        random: options.random(),
      });
      update(id, entry, next);
    },
    adoptProbe(id) {
      const entry = entryOf(id);
      if (entry.guard.breaker === 'half_open') return;
      update(id, entry, { ...entry.guard, breaker: 'half_open', heldUntil: now() });
    },
    closedNow() {
      const ids: string[] = [];
      let openInMs: number | undefined;
      for (const id of entries.keys()) {
        if (ids.length >= CLOSED_MAX) break;
        // A subscription that changed is known by its epoch, also when nothing new comes for it.
        const entry = entryOf(id);
        if (room(id, entry) > 0) continue;
        ids.push(id);
        const limit = entry.bucket && rateLimitOf(entry);
        const waitMs = limit && entry.bucket ? untilToken(entry.bucket, limit) : 0;
        if (waitMs > 0 && now() >= entry.guard.heldUntil) {
          openInMs = Math.min(openInMs ?? waitMs, waitMs);
        }
      }
      return { ids, openInMs };
    },
    shareAmong(count) {
      dispatchers = Math.max(1, count);
    },
    state(id) {
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      const guard = atTime(entry.guard, now());
      return {
        breaker: guard.breaker,
        heldForMs: Math.max(0, guard.heldUntil - now()),
        limit: Math.floor(guard.limit),
        rate: rateLimitOf(entry)?.rate,
      };
    },
    takeChanged() {
      forgetUnused();
      const ids = [...changed];
      changed.clear();
      return ids;
    },
    count() {
      const counts = { closed: 0, open: 0, half_open: 0 };
      for (const { guard } of entries.values()) counts[atTime(guard, now()).breaker] += 1;
      return counts;
    },
    room: (id) => room(id, entryOf(id)),
  };
}
