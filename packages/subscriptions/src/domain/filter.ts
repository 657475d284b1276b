import type { EventStatus, Phase } from '@hookline/contracts';

/**
 * An expression of the CloudEvents Subscriptions API over attributes (`subject`, `actor`) and paths
 * into the payload (`data.server.hypervisor`). An absent attribute makes a comparison false.
 */
export type AttributeExpression =
  | { readonly exact: AttributeValues }
  | { readonly prefix: AttributeValues }
  | { readonly suffix: AttributeValues }
  | { readonly all: readonly AttributeExpression[] }
  | { readonly any: readonly AttributeExpression[] }
  | { readonly not: AttributeExpression };

/** Attribute or path to text; every entry must hold. */
export type AttributeValues = Readonly<Record<string, string>>;

/** Which events a subscription gets; an event must meet every part. */
export interface SubscriptionFilter {
  /** Names or patterns, one of which must match; at least one. */
  readonly types: readonly string[];
  /** Empty means success alone. Phase pre has no status and is not held to this. */
  readonly statuses: readonly EventStatus[];
  /** Empty means post alone. */
  readonly phases: readonly Phase[];
  /** Matched exactly; empty means all. */
  readonly subjects: readonly string[];
  /** All must be true; empty means true. */
  readonly attributes: readonly AttributeExpression[];
}

/** Whether the filter takes events of this phase. */
export function takesPhase(filter: SubscriptionFilter, phase: Phase): boolean {
  return filter.phases.length === 0 ? phase === 'post' : filter.phases.includes(phase);
}

/** Whether the filter takes events that ended so; what has no status is not asked for one. */
export function takesStatus(filter: SubscriptionFilter, status: EventStatus | undefined): boolean {
  if (status === undefined) return true;
  return filter.statuses.length === 0 ? status === 'success' : filter.statuses.includes(status);
}
