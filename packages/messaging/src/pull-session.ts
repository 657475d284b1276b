import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node';
import type { Nats } from './connect.ts';

export interface PullSessionOptions {
  readonly nats: Nats;
  readonly stream: string;
  readonly durable: string;
  /** How many messages and bytes may be asked for now; no messages: ask again later, by `more`. */
  readonly room: () => { readonly messages: number; readonly bytes: number };
  readonly onMessage: (message: Msg) => void;
}

export interface PullSession {
  /** There is room again. */
  more(): void;
  /** Why the session cannot go on; resolved also by `close`. Never rejects. */
  readonly ended: Promise<string>;
  close(): void;
}

const expiresMs = 30_000;
const heartbeatMs = 2_000;
const nanosecondsPerMs = 1_000_000;

/** What a request ends with and another may follow: no messages, expired, the next one did not fit. */
function isOrdinaryEnd(code: number, description: string): boolean {
  if (code === 404 || code === 408) return true;
  return code === 409 && /exceeds? maxbytes|batch completed/i.test(description);
}

/**
 * Pulls from one durable with one request open at a time, until something is wrong with it.
 *
 * This speaks JetStream's pull protocol itself. The client's `consume` asks for more as messages are
 * read from its iterator, one promise each, keeps on asking a consumer that was deleted until
 * heartbeats are missed, and hands out its whole buffer after it was closed. Here messages come by a
 * callback (several times faster), the bound is on messages and bytes, and the end comes at once.
 */
export function openPullSession(options: PullSessionOptions): PullSession {
  const { nats, room, onMessage } = options;
  const inbox = createInbox();
  const api = `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.durable}`;
  const ended = Promise.withResolvers<string>();
  let open = true;
  let request = 0;
  let outstanding = 0;
  let heardAt = 0;

  const end = (reason: string): void => {
    if (!open) return;
    open = false;
    clearInterval(timer);
    forget();
    if (!nats.connection.isClosed()) subscription.unsubscribe();
    ended.resolve(reason);
  };

  const pull = (): void => {
    if (!open || outstanding > 0) return;
    const { messages, bytes } = room();
    if (messages <= 0 || bytes <= 0) return;
    request += 1;
    outstanding = messages;
    heardAt = performance.now();
    const body = {
      batch: messages,
      max_bytes: bytes,
      expires: expiresMs * nanosecondsPerMs,
      idle_heartbeat: heartbeatMs * nanosecondsPerMs,
    };
    try {
      nats.connection.publish(api, JSON.stringify(body), { reply: `${inbox}.${request}` });
    } catch (error) {
      end(error instanceof Error ? error.message : String(error));
    }
  };

  const onStatus = (message: Msg, code: number, description: string): void => {
    if (code === 100) return;
    // A word about a request that is over already, e.g. its expiry just after its last message.
    if (message.subject !== `${inbox}.${request}`) return;
    outstanding = 0;
    if (isOrdinaryEnd(code, description)) pull();
    else end(`${code} ${description}`.trim());
  };

  const receive = (error: Error | null, message: Msg): void => {
    if (!open) return;
    if (error !== null) {
      end(error.message);
      return;
    }
    heardAt = performance.now();
    const { headers } = message;
    if (
      headers !== undefined &&
      headers.code > 0 &&
      message.data.length === 0 &&
      !message.reply?.startsWith('$JS.ACK')
    ) {
      onStatus(message, headers.code, headers.description);
      return;
    }
    outstanding -= 1;
    onMessage(message);
    if (outstanding <= 0) pull();
  };

  const subscription: Subscription = nats.connection.subscribe(`${inbox}.*`, { callback: receive });
  const forget = nats.onReconnect(() => end('NATS was away'));
  const timer = setInterval(() => {
    const silentMs = performance.now() - heardAt;
    if (outstanding > 0 && nats.isConnected() && silentMs > heartbeatMs * 2.5) {
      end(`no heartbeat for ${Math.round(silentMs)} ms`);
    }
  }, heartbeatMs / 2);
  pull();

  return { more: pull, ended: ended.promise, close: () => end('closed') };
}
