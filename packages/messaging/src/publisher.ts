import { JetStreamApiError, type PubAck } from '@nats-io/jetstream';
import { errors, type MsgHdrs } from '@nats-io/transport-node';
import type { Nats } from './connect.ts';
import { jetStreamCodes } from './jetstream-error.ts';

/**
 * Why a publish failed. `backpressure`: the stream, or the queue here, is full. `too_large`: the
 * message will never fit. `unavailable`: not stored, NATS or the stream is not there.
 * `unconfirmed`: no answer in time, it may have been stored. `failed`: anything else.
 */
export type PublishErrorCode =
  | 'backpressure'
  | 'too_large'
  | 'unavailable'
  | 'unconfirmed'
  | 'failed';

export class PublishError extends Error {
  override readonly name = 'PublishError';
  readonly code: PublishErrorCode;

  constructor(code: PublishErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export interface PublisherOptions {
  readonly nats: Nats;
  /** How many publishes may wait for JetStream's answer at once. Default 1,000. */
  readonly inFlightMax?: number;
  /** How many may wait for their turn; one more is refused with `backpressure`. Default 10,000. */
  readonly waitingMax?: number;
  /** How long an answer may take. Default 5,000 ms. */
  readonly timeoutMs?: number;
}

export interface PublishOptions {
  readonly headers?: MsgHdrs;
  /** The message id of JetStream's own deduplication, for streams that use it. */
  readonly messageId?: string;
}

export interface Publisher {
  /** Stores a message in the stream of its subject. @throws PublishError */
  publish(subject: string, payload: Uint8Array | string, options?: PublishOptions): Promise<PubAck>;
  inFlight(): number;
  /** Refuses what is new and waits for what is under way. */
  stop(): Promise<void>;
}

function toPublishError(error: unknown, subject: string): PublishError {
  if (error instanceof PublishError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const make = (code: PublishErrorCode): PublishError =>
    new PublishError(code, `publishing to ${subject}: ${reason}`, error);
  if (error instanceof JetStreamApiError) {
    const { storeFailed, storageExceeded, insufficientResources, messageTooLarge } = jetStreamCodes;
    if ([storeFailed, storageExceeded, insufficientResources].some((code) => code === error.code)) {
      return make('backpressure');
    }
    return make(
      error.code === messageTooLarge
        ? 'too_large'
        : error.status === 503
          ? 'unavailable'
          : 'failed',
    );
  }
  if (error instanceof errors.TimeoutError) return make('unconfirmed');
  if (error instanceof errors.InvalidArgumentError && /payload/i.test(reason))
    return make('too_large');
  if (
    error instanceof errors.ClosedConnectionError ||
    error instanceof errors.DrainingConnectionError
  ) {
    return make('unavailable');
  }
  // No responders: no stream takes the subject, or JetStream is still starting.
  const cause = error instanceof Error ? error.cause : undefined;
  const request = [error, cause].find((one) => one instanceof errors.RequestError);
  if (request instanceof errors.RequestError)
    return make(request.isNoResponders() ? 'unavailable' : 'unconfirmed');
  return make('failed');
}

/**
 * Publishes to JetStream with a bounded number of publishes in flight: the next ones wait for their
 * turn in the order of their calls. While NATS is away publishes fail at once as `unavailable`, for
 * the client would otherwise keep them all in memory until it is back.
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const { nats, inFlightMax = 1_000, waitingMax = 10_000, timeoutMs = 5_000 } = options;
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  let stopped = false;
  let idle: PromiseWithResolvers<void> | undefined;

  const takeTurn = async (subject: string): Promise<void> => {
    if (stopped)
      throw new PublishError('unavailable', `publishing to ${subject}: the publisher is stopped`);
    if (inFlight < inFlightMax) {
      inFlight += 1;
      return;
    }
    if (waiting.length >= waitingMax) {
      throw new PublishError(
        'backpressure',
        `publishing to ${subject}: ${waitingMax} messages are waiting already`,
      );
    }
    // The turn is handed over with its place in the count.
    await new Promise<void>((resolve) => waiting.push(resolve));
  };

  const endTurn = (): void => {
    const next = waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    inFlight -= 1;
    if (inFlight === 0) idle?.resolve();
  };

  return {
    async publish(subject, payload, { headers, messageId } = {}) {
      await takeTurn(subject);
      try {
        if (!nats.isConnected()) {
          throw new PublishError('unavailable', `publishing to ${subject}: not connected to NATS`);
        }
        return await nats.jetstream.publish(subject, payload, {
          timeout: timeoutMs,
          ...(headers === undefined ? {} : { headers }),
          ...(messageId === undefined ? {} : { msgID: messageId }),
        });
      } catch (error) {
        throw toPublishError(error, subject);
      } finally {
        endTurn();
      }
    },
    inFlight: () => inFlight,
    async stop() {
      stopped = true;
      if (inFlight === 0) return;
      idle ??= Promise.withResolvers<void>();
      await idle.promise;
    },
  };
}
