import { randomUUID } from 'node:crypto';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import type { AgentIdentity } from './agent-credentials.ts';
import { AgentError } from './agent-error.ts';
import { type AgentOptions, type AgentSettings, readOptions } from './agent-options.ts';
import type { PublishOutcome } from './confirmation.ts';
import {
  type AgentEvent,
  confirmationInbox,
  type EventMessage,
  HEARTBEAT_TYPE,
  toMessage,
} from './event-message.ts';
import { isRefusal, openConnection } from './open-connection.ts';
import { createOutbox, type Outbox } from './outbox.ts';

/** The agent of one host: it publishes under its own name and hears what became of it. */
export interface Agent extends AsyncDisposable {
  readonly identity: AgentIdentity;
  /**
   * Publishes an event and resolves when Hookline has decided about it. Until then the event is kept
   * and published again: after a reconnect, and when its confirmation is overdue. An id that is still
   * unconfirmed is not published twice; both calls get the one answer.
   *
   * Rejects with AgentError `invalid_event`; `spool_full` when there is no room, and then the event is
   * not kept; `closed` when the agent is closed first.
   */
  publish(event: AgentEvent): Promise<PublishOutcome>;
  /** How many events are not confirmed. */
  readonly unconfirmed: number;
  /** Resolves as soon as nothing is unconfirmed. */
  idle(): Promise<void>;
  /**
   * Takes no more events, waits for confirmations for `timeoutMs` at most (10,000), and disconnects.
   * Answers the ids of the events that were not confirmed: their promises reject with `closed`, and
   * they may have been accepted. Safe to call again.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<readonly string[]>;
}

const OVERDUE_EVERY_MS = 250;
const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Connects as the agent that the credentials were minted for.
 *
 * @throws AgentError `invalid_credentials`, `credentials_refused` or `unreachable`
 */
export async function connectAgent(options: AgentOptions): Promise<Agent> {
  const settings = readOptions(options);
  const connection = await openConnection(settings);
  const { identity } = settings;
  // Of this connection alone: another process of the same agent must not hear what is not its own.
  const inbox = confirmationInbox(identity, randomUUID());
  let isConnected = true;
  const isOpen = () => isConnected && !connection.isClosed();
  const outbox = createOutbox(settings.spool, {
    isOpen,
    send: (message) => send(connection, message),
    now: () => performance.now(),
  });
  connection.subscribe(inbox, {
    callback: (error, message) => {
      if (error === null) outbox.confirm(message.string());
    },
  });
  void watchConnection(connection, settings, (connected) => {
    isConnected = connected;
    if (connected) outbox.pump();
    else outbox.rewind();
  });
  const timers = [
    setInterval(outbox.resendOverdue, OVERDUE_EVERY_MS),
    ...startHeartbeat(settings, (subject, payload) => {
      if (isOpen()) connection.publish(subject, payload);
    }),
  ];
  // Once the server answers it knows the subscription, and no confirmation can be missed.
  await connection.flush().catch(() => {});

  let closing: Promise<readonly string[]> | undefined;
  const close = ({ timeoutMs = CLOSE_TIMEOUT_MS } = {}) => {
    closing ??= shutDown({ connection, outbox, timers, timeoutMs });
    return closing;
  };
  return {
    identity,
    async publish(event) {
      if (closing !== undefined) throw new AgentError('closed', 'the agent is closed');
      return await outbox.add(toMessage(event, identity, inbox));
    },
    get unconfirmed() {
      return outbox.size;
    },
    idle: outbox.idle,
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
  };
}

function send(connection: NatsConnection, message: EventMessage): void {
  const sent = headers();
  for (const [name, value] of message.headers) sent.set(name, value);
  connection.publish(message.subject, message.payload, { headers: sent });
}

/** Tells of losses and returns until the connection is closed for good. */
async function watchConnection(
  connection: NatsConnection,
  { onConnection }: AgentSettings,
  onChange: (connected: boolean) => void,
): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') {
      onChange(false);
      onConnection({ kind: 'lost', server: status.server });
    } else if (status.type === 'reconnect') {
      onChange(true);
      onConnection({ kind: 'back', server: status.server });
    } else if (status.type === 'error' && isRefusal(status.error)) {
      onConnection({ kind: 'refused', reason: status.error.message });
    }
  }
}

/** A heartbeat that is lost is worth nothing a moment later: none is kept or sent again. */
function startHeartbeat(
  { heartbeat, identity: { tenant, host } }: AgentSettings,
  publish: (subject: string, payload: string) => void,
): readonly NodeJS.Timeout[] {
  if (heartbeat === undefined) return [];
  const { everyMs, data = () => ({}) } = heartbeat;
  const beat = () => publish(`hv.${tenant}.${host}.${HEARTBEAT_TYPE}`, JSON.stringify(data()));
  beat();
  return [setInterval(beat, everyMs)];
}

interface ShutDown {
  readonly connection: NatsConnection;
  readonly outbox: Outbox;
  readonly timers: readonly NodeJS.Timeout[];
  readonly timeoutMs: number;
}

async function shutDown(parts: ShutDown): Promise<readonly string[]> {
  const { connection, outbox, timers, timeoutMs } = parts;
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([outbox.idle(), timeUp, connection.closed()]);
  for (const each of [timer, ...timers]) clearTimeout(each);
  await connection.close();
  return outbox.abandon();
}
