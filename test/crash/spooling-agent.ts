import assert from 'node:assert/strict';
import { headers, type NatsConnection } from 'nats';

export interface SpoolOptions {
  /** How many events it publishes, until `publishUpTo` says otherwise. */
  readonly events: number;
  /** The agent's own inbox prefix, which the confirmations must come under. */
  readonly inboxPrefix: string;
  /** Events that may wait for their confirmation at once. Default 200. */
  readonly unconfirmedMax?: number;
  /** So many it publishes in a second at most, so that a kill in the middle finds it in the middle. Default 400. */
  readonly eventsPerSecond?: number;
  /** Published again when not confirmed after this long. Default 2,000 ms. */
  readonly republishAfterMs?: number;
}

/** What the agent of a hypervisor does that must not lose an event: it keeps each until it is confirmed. */
export interface SpoolingAgent {
  /** Goes on until it has published so many events in all. */
  publishUpTo(events: number): void;
  /** Event ids confirmed so far, by source id; more than one for a source id would be a fault. */
  readonly confirmed: ReadonlyMap<string, ReadonlySet<string>>;
  /** How many events were published so far. */
  published(): number;
  /** Confirmations that named an event confirmed before. */
  repeats(): number;
  /** Resolves when so many are confirmed, with the time at which that was. Rejects after the time given. */
  untilConfirmed(count: number, timeoutMs: number): Promise<number>;
  /** Publishes a confirmed event once more, as after a restart of the agent. */
  publishAgain(index: number): void;
  stop(): void;
}

const SERVERS = 20;
const TICK_MS = 10;

/** The server an event of this number is about. */
export function serverOf(index: number): string {
  return `srv_${index % SERVERS}`;
}

export function sourceIdOf(index: number): string {
  return `spool-${index}`;
}

/** Publishes events in their order, a bounded number ahead of their confirmations. */
export function startSpoolingAgent(agent: NatsConnection, options: SpoolOptions): SpoolingAgent {
  const { unconfirmedMax = 200, eventsPerSecond = 400, republishAfterMs = 2_000 } = options;
  const inbox = `${options.inboxPrefix}.spool`;
  const unconfirmed = new Map<string, { index: number; sentAt: number }>();
  const confirmed = new Map<string, Set<string>>();
  const watchers = new Set<() => void>();
  const rejected: string[] = [];
  let { events } = options;
  let published = 0;
  let repeats = 0;

  const send = (index: number): void => {
    const sent = headers();
    sent.set('Nats-Msg-Id', sourceIdOf(index));
    sent.set('Hookline-Confirm-To', inbox);
    const body = `{"server_id":"${serverOf(index)}","index":${index},"status":"running"}`;
    agent.publish('hv.default.node-1.server.started', body, { headers: sent });
  };

  const publishMore = (): void => {
    const perTick = Math.ceil((eventsPerSecond * TICK_MS) / 1000);
    for (let count = 0; count < perTick; count += 1) {
      if (published >= events || unconfirmed.size >= unconfirmedMax) return;
      unconfirmed.set(sourceIdOf(published), { index: published, sentAt: performance.now() });
      send(published);
      published += 1;
    }
  };

  const publishOverdue = (): void => {
    const overdue = performance.now() - republishAfterMs;
    for (const entry of unconfirmed.values()) {
      if (entry.sentAt > overdue) continue;
      entry.sentAt = performance.now();
      send(entry.index);
    }
  };

  const subscription = agent.subscribe(inbox, {
    callback: (_, message) => {
      const answer = message.json<{ source_id: string; event_id?: string }>();
      if (answer.event_id === undefined) {
        rejected.push(message.string());
        return;
      }
      unconfirmed.delete(answer.source_id);
      const ids = confirmed.get(answer.source_id);
      if (ids === undefined) confirmed.set(answer.source_id, new Set([answer.event_id]));
      else {
        ids.add(answer.event_id);
        repeats += 1;
      }
      for (const watcher of [...watchers]) watcher();
    },
  });

  const timer = setInterval(() => {
    publishOverdue();
    publishMore();
  }, TICK_MS);

  return {
    publishUpTo(count) {
      events = count;
    },
    confirmed,
    published: () => published,
    repeats: () => repeats,
    publishAgain: send,
    untilConfirmed(count, timeoutMs) {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const late = setTimeout(() => {
        watchers.delete(look);
        reject(new Error(`${confirmed.size} of ${count} confirmed after ${timeoutMs} ms`));
      }, timeoutMs);
      const look = () => {
        if (confirmed.size < count && rejected.length === 0) return;
        clearTimeout(late);
        watchers.delete(look);
        assert.deepEqual(rejected, []);
        resolve(performance.now());
      };
      watchers.add(look);
      look();
      return promise.finally(() => clearTimeout(late));
    },
    stop() {
      clearInterval(timer);
      if (!agent.isClosed()) subscription.unsubscribe();
    },
  };
}
