import { newId } from '@hookline/contracts';
import type { HttpRequest, SafeHttpClient } from '@hookline/safe-http';
import { reasonOf } from '@hookline/service-runtime';
import type { Tracing } from '@hookline/telemetry';
import { attemptUrl } from './attempt-url.ts';
import { attemptContext } from './delivery-trace.ts';
import { counts, decide } from './domain/decide.ts';
import type { AttemptResult, Delivery } from './domain/delivery.ts';
import type { DecidedAttempt } from './domain/dispatch-record.ts';
import { classify } from './domain/outcome.ts';
import { type RenderOptions, renderRequest } from './render-request.ts';

export interface AttemptDeps {
  readonly client: SafeHttpClient;
  readonly userAgent: string;
  /** In [0, 1), for the jitter of retries. */
  readonly random: () => number;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Decides which traces receivers are told to be sampled; by default as their publishers say. */
  readonly tracing?: Tracing;
  /** Hears what each request came to, before it is on record. */
  readonly onResult?: (delivery: Delivery, result: AttemptResult) => void;
}

/** A decided attempt, with the delivery as it stands after it. */
export interface Attempted extends DecidedAttempt {
  readonly delivery: Delivery;
}

/**
 * Makes one attempt of a delivery: renders, signs, sends, and decides what follows. Never throws.
 * undefined when nothing was sent for a reason of our own, see classify().
 */
export async function makeAttempt(
  delivery: Delivery,
  deps: AttemptDeps,
): Promise<Attempted | undefined> {
  const startedMs = deps.now();
  const number = delivery.attemptNumber + 1;
  const context = attemptContext(delivery, number, deps.tracing);
  const { traceparent, traceId } = context;
  const rendered = renderOrExplain(delivery, {
    ...{ number, nowMs: startedMs, userAgent: deps.userAgent, traceparent },
  });
  const result =
    'url' in rendered
      ? classify(await deps.client.send(rendered), deps.now())
      : ({ outcome: 'address_refused', error: rendered.error, durationMs: 0 } as const);
  if (result === undefined) return undefined;
  deps.onResult?.(delivery, result);
  const decision = decide({
    policy: delivery.subscription.retryPolicy,
    result,
    attemptsBefore: delivery.attemptsCount,
    endedAt: new Date(deps.now()),
    random: deps.random(),
  });
  const startedAt = new Date(startedMs);
  const after: Delivery = {
    ...delivery,
    attemptNumber: number,
    attemptsCount: delivery.attemptsCount + (counts(result) ? 1 : 0),
    firstAttemptAt: delivery.firstAttemptAt ?? startedAt,
  };
  return {
    delivery: after,
    decision,
    attempt: {
      attemptId: newId('att', startedMs),
      delivery: after,
      number,
      startedAt,
      result,
      traceId,
      url: attemptUrl(delivery.subscription),
    },
  };
}

/**
 * A request that cannot even be made, for instance since its secret was sealed with another master
 * key, is a failed attempt like any other: on record, repeated, and nobody else's problem.
 */
function renderOrExplain(
  delivery: Delivery,
  options: RenderOptions,
): HttpRequest | { readonly error: string } {
  try {
    const rendered = renderRequest(delivery, options);
    const { format } = delivery.subscription;
    return rendered ?? { error: `nothing was sent: the format "${format}" cannot tell this event` };
  } catch (error) {
    return { error: `nothing was sent: ${reasonOf(error)}` };
  }
}
