import { setTimeout as delay } from 'node:timers/promises';
import { inboxPrefix } from '@hookline/contracts';
import { headers, type NatsConnection } from 'nats';

export interface OrderedAgentOptions {
  readonly connection: NatsConnection;
  readonly host: string;
  readonly servers: readonly string[];
  readonly eventsPerServer: number;
}

/** Publishes the events of its servers, each server's in their order. */
export interface OrderedAgent {
  /** Event ids by source id; more than one for a source id would be a fault. */
  readonly confirmed: ReadonlyMap<string, ReadonlySet<string>>;
  /** How many JetStream has received so far. */
  received(): number;
  /** How many were published again for want of a confirmation. */
  republished(): number;
  /** Publishes everything, and again what is not confirmed; resolves when all of it is. */
  run(signal: AbortSignal): Promise<void>;
}

const RECEIVED_TIMEOUT_MS = 1_000;
const CONFIRMED_TIMEOUT_MS = 3_000;

export function sourceIdOf(server: string, n: number): string {
  return `${server}-${n}`;
}

/**
 * An agent that keeps order: event n + 1 of a server is published when JetStream has received n, and
 * not before, so each is first seen in its turn, however often it is published again. The servers do
 * not wait for each other, and no event waits for the confirmation of the one before.
 */
export function createOrderedAgent(options: OrderedAgentOptions): OrderedAgent {
  const { connection, host, servers, eventsPerServer } = options;
  const jetstream = connection.jetstream();
  const inbox = `${inboxPrefix('default', host)}.confirmed`;
  const expected = servers.length * eventsPerServer;
  const confirmed = new Map<string, Set<string>>();
  let received = 0;
  let republished = 0;
  let heardAt = performance.now();

  connection.subscribe(inbox, {
    callback: (_, message) => {
      const { source_id, event_id } = message.json<{ source_id: string; event_id?: string }>();
      heardAt = performance.now();
      const ids = confirmed.get(source_id) ?? new Set();
      confirmed.set(source_id, ids.add(event_id ?? message.string()));
    },
  });

  const publish = async (server: string, n: number, signal: AbortSignal): Promise<void> => {
    const sent = headers();
    sent.set('Hookline-Confirm-To', inbox);
    const data = `{"server_id":"${server}","n":${n}}`;
    const settings = {
      headers: sent,
      msgID: sourceIdOf(server, n),
      timeout: RECEIVED_TIMEOUT_MS,
    };
    for (;;) {
      try {
        await jetstream.publish(`hv.default.${host}.server.noted`, data, settings);
        return;
      } catch {
        signal.throwIfAborted();
      }
    }
  };

  const publishAll = async (server: string, signal: AbortSignal): Promise<void> => {
    for (let n = 0; n < eventsPerServer; n += 1) {
      await publish(server, n, signal);
      received += 1;
    }
  };

  const publishUnconfirmed = async (server: string, signal: AbortSignal): Promise<void> => {
    for (let n = 0; n < eventsPerServer; n += 1) {
      if (confirmed.has(sourceIdOf(server, n))) continue;
      republished += 1;
      await publish(server, n, signal);
    }
  };

  return {
    confirmed,
    received: () => received,
    republished: () => republished,
    async run(signal) {
      await Promise.all(servers.map((server) => publishAll(server, signal)));
      while (confirmed.size < expected) {
        await delay(50, undefined, { signal });
        if (performance.now() - heardAt < CONFIRMED_TIMEOUT_MS) continue;
        heardAt = performance.now();
        await Promise.all(servers.map((server) => publishUnconfirmed(server, signal)));
      }
    },
  };
}
