import type { AttemptResult } from './delivery.ts';

/**
 * What an attempt tells of its endpoint:
 * - `well`: it answers.
 * - `failing`: it answers, and not well; counts for the breaker.
 * - `congested`: it does not answer in time or at all; counts, and it gets fewer requests at once.
 * - `throttling`: it works and asks for less: fewer at once and fewer a second.
 * - `overloaded`: the same from one that does not work now; counts for the breaker.
 * - `nothing`: the attempt was not its doing.
 */
export type EndpointSignal =
  | 'well'
  | 'failing'
  | 'congested'
  | 'throttling'
  | 'overloaded'
  | 'nothing';

/** Statuses by which a receiver, or a proxy before it, says that it cannot take more now. */
const OVERLOADED: ReadonlySet<number> = new Set([502, 503, 504]);

/** Reads an attempt's result as a sign of how its endpoint fares. */
export function signalOf({ outcome, httpStatus }: AttemptResult): EndpointSignal {
  switch (outcome) {
    case 'succeeded':
      return 'well';
    case 'timeout':
    case 'connection_failed':
      return 'congested';
    case 'throttled':
      return 'throttling';
    case 'http_error':
      return OVERLOADED.has(httpStatus ?? 0) ? 'overloaded' : 'failing';
    case 'redirect':
    case 'tls_failed':
    case 'dns_failed':
    case 'response_too_large':
      return 'failing';
    // 410 disables the subscription by itself; the other two say nothing of the receiver.
    case 'gone':
    case 'address_refused':
    case 'unknown':
      return 'nothing';
  }
}
