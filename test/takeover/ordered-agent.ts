import { setTimeout as delay } from 'node:timers/promises';
import { inboxPrefix } from '@hookline/contracts';
import { headers, type NatsConnection } from 'nats';

/** What its events are. */
export const TYPE = 'server.noted';

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
  /** How many were published again for want of a confirmation. */
  republished(): number;
  /** Publishes everything, and again what is not confirmed; resolves when all of it is. */
  run(signal: AbortSignal): Promise<void>;
}

/** Published and not yet received by JetStream; more only fills buffers. */
const UNRECEIVED_MAX = 500;
/** Received and not yet confirmed: a backlog for the gateways, and short enough to be seen through. */
const UNCONFIRMED_MAX = 4_000;
/** After so long without any confirmation those that are missing are taken for lost. */
const SILENCE_MAX_MS = 4_000;

export function sourceIdOf(server: string, n: number): string {
  return `${server}-${n}`;
}

/**
 * An agent that keeps order: it publishes event n of each server before any event n + 1, on one
 * connection, so JetStream stores them in that order, and waits for no event before it publishes the
 * next. That JetStream refuses none is part of the bargain: a refusal ends the run.
 */
export function createOrderedAgent(options: OrderedAgentOptions): OrderedAgent {
  const { connection, host, servers, eventsPerServer } = options;
  const inbox = inboxPrefix('default', host);
  const subject = `hv.default.${host}.${TYPE}`;
  const expected = servers.length * eventsPerServer;
  const confirmed = new Map<string, Set<string>>();
  let published = 0;
  let received = 0;
  let republished = 0;
  let refusal: string | undefined;
  let heardAt = performance.now();
  let wake = (): void => {};

  connection.subscribe(`${inbox}.confirmed`, {
    callback: (_, message) => {
      const { source_id, event_id } = message.json<{ source_id: string; event_id?: string }>();
      heardAt = performance.now();
      const ids = confirmed.get(source_id) ?? new Set();
      confirmed.set(source_id, ids.add(event_id ?? message.string()));
      wake();
    },
  });
  connection.subscribe(`${inbox}.received`, {
    callback: (_, message) => {
      received += 1;
      const text = message.string();
      if (!text.startsWith('{"stream"')) refusal = text === '' ? 'no stream takes it' : text;
      wake();
    },
  });

  /** Waits for a word from outside until it holds, and throws at a refusal. */
  const until = async (holds: () => boolean, signal: AbortSignal): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      if (refusal !== undefined) throw new Error(`JetStream refuses a message: ${refusal}`);
      if (holds()) return;
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([woken, delay(100)]);
    }
  };

  const publish = (server: string, n: number): void => {
    const sent = headers();
    sent.set('Nats-Msg-Id', sourceIdOf(server, n));
    sent.set('Hookline-Confirm-To', `${inbox}.confirmed`);
    const data = `{"server_id":"${server}","n":${n}}`;
    connection.publish(subject, data, { headers: sent, reply: `${inbox}.received` });
    published += 1;
  };

  const hasRoom = (): boolean => published - received < UNRECEIVED_MAX;

  const publishAll = async (signal: AbortSignal): Promise<void> => {
    for (let n = 0; n < eventsPerServer; n += 1) {
      for (const server of servers) publish(server, n);
      const isSilent = () => performance.now() - heardAt > SILENCE_MAX_MS;
      const isNear = () => n * servers.length - confirmed.size < UNCONFIRMED_MAX || isSilent();
      await until(() => hasRoom() && isNear(), signal);
    }
  };

  const publishUnconfirmed = async (signal: AbortSignal): Promise<void> => {
    for (let n = 0; n < eventsPerServer; n += 1) {
      for (const server of servers) {
        if (confirmed.has(sourceIdOf(server, n))) continue;
        republished += 1;
        publish(server, n);
      }
      await until(hasRoom, signal);
    }
  };

  return {
    confirmed,
    republished: () => republished,
    async run(signal) {
      await publishAll(signal);
      for (;;) {
        const isSilent = () => performance.now() - heardAt > SILENCE_MAX_MS;
        await until(() => confirmed.size === expected || isSilent(), signal);
        if (confirmed.size === expected) return;
        heardAt = performance.now();
        await publishUnconfirmed(signal);
      }
    },
  };
}
