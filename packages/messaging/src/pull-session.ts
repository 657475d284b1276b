import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node';
import type { Nats } from './connect.ts';

export interface PullRequest {
  readonly messages: number;
  /** A request for fewer bytes than the next message has ends at once, as `too_small`. */
  readonly bytes: number;
  readonly expiresMs: number;
  /** At most half of `expiresMs`. */
  readonly heartbeatMs?: number;
}

/** How the request before ended: with all it asked for, by its time, or before a message too large for it. */
export type PullEnd = 'none' | 'filled' | 'expired' | 'too_small';

export interface PullSessionOptions {
  readonly nats: Nats;
  readonly stream: string;
  readonly durable: string;
  /** What is to be asked for now; undefined: nothing, ask again later, by `more`. */
  readonly next: (last: PullEnd) => PullRequest | undefined;
  readonly onMessage: (message: Msg) => void;
  /** How often it is looked whether there is silence for too long. Default 1,000 ms. */
  readonly watchEveryMs?: number;
}

export interface PullSession {
  /** There is room again. */
  more(): void;
  /** Why the session cannot go on, or was ended. Never rejects. */
  readonly ended: Promise<string>;
  end(reason: string): void;
}

const nanosecondsPerMs = 1_000_000;
/**
 * How much longer than its time a request is waited for. Servers of 2.9 drop one without a word when a
 * message comes about the moment it expires, which under load is one in seven; the message waits for
 * the next request. A word that comes later all the same is of a request before, and passed over.
 */
const EXPIRY_SLACK_MS = 15;
/** Heartbeats that may be missed. */
const HEARTBEATS_MISSED_MAX = 2.5;

/** What a request ends with and another may follow; undefined for a fault. */
function ordinaryEnd(code: number, description: string): PullEnd | undefined {
  if (code === 404 || code === 408) return 'expired';
  if (code !== 409) return undefined;
  if (/exceeds? maxbytes/i.test(description)) return 'too_small';
  return /batch completed/i.test(description) ? 'filled' : undefined;
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
  const { nats, next, onMessage, watchEveryMs = 1_000 } = options;
  const inbox = createInbox();
  const api = `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.durable}`;
  const ended = Promise.withResolvers<string>();
  let open = true;
  let request = 0;
  let outstanding = 0;
  let silenceMaxMs = Number.POSITIVE_INFINITY;
  let expiry: NodeJS.Timeout | undefined;
  let last: PullEnd = 'none';
  let heardAt = 0;

  const end = (reason: string): void => {
    if (!open) return;
    open = false;
    clearInterval(timer);
    clearTimeout(expiry);
    forget();
    if (!nats.connection.isClosed()) subscription.unsubscribe();
    ended.resolve(reason);
  };

  const watch = ({ expiresMs, heartbeatMs }: PullRequest): void => {
    clearTimeout(expiry);
    silenceMaxMs = (heartbeatMs ?? Number.POSITIVE_INFINITY) * HEARTBEATS_MISSED_MAX;
    const watched = request;
    const isStillOpen = (): boolean => watched === request && outstanding > 0;
    expiry = setTimeout(() => {
      // What came in the meantime is read first: a busy process is late itself.
      if (isStillOpen()) setImmediate(() => isStillOpen() && over('expired'));
    }, expiresMs + EXPIRY_SLACK_MS);
  };

  const over = (as: PullEnd): void => {
    outstanding = 0;
    last = as;
    pull();
  };

  const pull = (): void => {
    if (!open || outstanding > 0) return;
    const wanted = next(last);
    if (wanted === undefined) return;
    request += 1;
    outstanding = wanted.messages;
    watch(wanted);
    heardAt = performance.now();
    const body = {
      batch: wanted.messages,
      max_bytes: wanted.bytes,
      expires: wanted.expiresMs * nanosecondsPerMs,
      ...(wanted.heartbeatMs !== undefined && {
        idle_heartbeat: wanted.heartbeatMs * nanosecondsPerMs,
      }),
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
    const ordinary = ordinaryEnd(code, description);
    if (ordinary === undefined) end(`${code} ${description}`.trim());
    else over(ordinary);
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
    if (outstanding <= 0) over('filled');
  };

  const subscription: Subscription = nats.connection.subscribe(`${inbox}.*`, { callback: receive });
  const forget = nats.onReconnect(() => end('NATS was away'));
  const timer = setInterval(() => {
    const silentMs = performance.now() - heardAt;
    if (outstanding > 0 && nats.isConnected() && silentMs > silenceMaxMs) {
      end(`no heartbeat for ${Math.round(silentMs)} ms`);
    }
  }, watchEveryMs);
  pull();

  return { more: pull, ended: ended.promise, end };
}
