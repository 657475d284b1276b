import type { HttpOutcome, ResponseHead } from '@hookline/safe-http';
import type { AttemptResult, Outcome } from './delivery.ts';
import { parseRetryAfter } from './retry-after.ts';

/**
 * Reads the result of a request by the contract's outcomes; 2xx alone is success. undefined when
 * nothing was sent for a reason of our own (the process is stopping, a bound was reached): that is
 * no attempt, and the delivery goes back to the schedule.
 */
export function classify(outcome: HttpOutcome, nowMs: number): AttemptResult | undefined {
  const { durationMs: totalMs, sentMs, firstByteMs } = outcome;
  const timings = {
    durationMs: totalMs,
    ...(sentMs !== undefined && { sentMs }),
    ...(firstByteMs !== undefined && { firstByteMs }),
  };
  switch (outcome.kind) {
    case 'response':
      return { ...classifyResponse(outcome, nowMs), ...timings };
    case 'refused':
      return { outcome: 'address_refused', error: outcome.error, ...timings };
    case 'dns_failed':
    case 'tls_failed':
    case 'connection_failed':
      return { outcome: outcome.kind, error: outcome.error, ...timings };
    case 'timeout':
    case 'response_too_large':
      return {
        outcome: outcome.kind,
        error: outcome.error,
        ...timings,
        ...(outcome.response !== undefined && describeResponse(outcome.response)),
      };
    case 'cancelled':
      return outcome.requestSent
        ? { outcome: 'unknown', error: outcome.error, ...timings }
        : undefined;
    case 'overloaded':
      return undefined;
  }
}

function classifyResponse(
  response: ResponseHead,
  nowMs: number,
): Omit<AttemptResult, 'durationMs'> {
  const { status } = response;
  const described = describeResponse(response);
  const outcome = outcomeOfStatus(status);
  if (outcome === 'succeeded') return { outcome, ...described };
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], nowMs);
  return {
    outcome,
    error: errorOfStatus(outcome, status),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...described,
  };
}

function outcomeOfStatus(status: number): Outcome {
  if (status >= 200 && status < 300) return 'succeeded';
  if (status >= 300 && status < 400) return 'redirect';
  if (status === 410) return 'gone';
  if (status === 429) return 'throttled';
  return 'http_error';
}

function errorOfStatus(outcome: Outcome, status: number): string {
  if (outcome === 'redirect') {
    return `the receiver answered ${status}; redirects are not followed: register the final URL`;
  }
  if (outcome === 'gone') return 'the receiver answered 410 Gone: it wants no further deliveries';
  return `the receiver answered ${status}`;
}

function describeResponse(
  response: ResponseHead,
): Pick<AttemptResult, 'httpStatus' | 'responseBody'> {
  return {
    httpStatus: response.status,
    ...(response.bodyExcerpt.length > 0 && { responseBody: excerpt(response) }),
  };
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Text where it is UTF-8 that Postgres can store, else base64; a character cut at the end is dropped. */
function excerpt(response: ResponseHead): { text: string; encoding: 'text' | 'base64' } {
  const bytes = Buffer.from(response.bodyExcerpt);
  for (let cut = 0; cut < (response.bodyTruncated ? 4 : 1); cut += 1) {
    try {
      const text = strictUtf8.decode(bytes.subarray(0, bytes.length - cut));
      if (!text.includes('\u0000')) return { text, encoding: 'text' };
    } catch {
      // Not UTF-8 up to here.
    }
  }
  return { text: bytes.toString('base64'), encoding: 'base64' };
}
