import type { DispatchableEvent } from '@hookline/contracts';
import type { IndexedSubscription } from '@hookline/subscriptions';

/** How one HTTP request of a delivery ended; the contract's outcomes. */
export type Outcome =
  | 'succeeded'
  | 'http_error'
  | 'redirect'
  | 'gone'
  | 'throttled'
  | 'timeout'
  | 'connection_failed'
  | 'tls_failed'
  | 'dns_failed'
  | 'address_refused'
  | 'response_too_large'
  | 'unknown';

/** One event for one subscription, as far as it has come. */
export interface Delivery {
  /** `dlv_…`, also the `webhook-id`. */
  readonly id: string;
  readonly entry: DispatchableEvent;
  readonly subscription: IndexedSubscription;
  /** Attempts so far that count for the retry policy. */
  readonly attemptsCount: number;
  /** Attempts so far on record, those of unknown outcome included. */
  readonly attemptNumber: number;
  /** Absent before the first attempt. */
  readonly firstAttemptAt?: Date;
  /** It is at the head of a line of an ordered subscription. */
  readonly ordered?: boolean;
  /** The replay that asked for it. */
  readonly replayId?: string;
}

/** What one request came to. */
export interface AttemptResult {
  readonly outcome: Outcome;
  readonly httpStatus?: number;
  /** A sentence for a person; absent on success. */
  readonly error?: string;
  /** The receiver's Retry-After, in milliseconds from now, when it sent a usable one. */
  readonly retryAfterMs?: number;
  /** The beginning of the response body. */
  readonly responseBody?: { readonly text: string; readonly encoding: 'text' | 'base64' };
  /** Until the request went out, its connection made or found; absent when none did. */
  readonly sentMs?: number;
  /** Until the response began; absent when none did. */
  readonly firstByteMs?: number;
  readonly durationMs: number;
}

/** An attempt as it goes on record. */
export interface AttemptRecord {
  readonly attemptId: string;
  readonly delivery: Delivery;
  readonly number: number;
  readonly startedAt: Date;
  readonly result: AttemptResult;
  readonly traceId: string;
  readonly url: string;
}

/** What follows from an attempt. */
export type Decision =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'retry'; readonly dueAt: Date }
  | { readonly kind: 'dead'; readonly cause: Outcome | 'expired' }
  /** Its attempts are used up, and its line waits for a person. */
  | { readonly kind: 'blocked'; readonly cause: Outcome };
