/**
 * When dead deliveries disable their subscription.
 *
 * The rules are of three kinds. `cdhosting`, and any other policy that says it disables: a dead
 * delivery disables unless another delivery succeeded since its first attempt. `standard`: five
 * days without one success disable. `none`, and any policy that says it does not: never, but for
 * 410 Gone, which disables in any case.
 *
 * Judging takes two steps, so that this file stays pure: `inquire` says what must be known of the
 * attempts, `judge` takes the answer.
 */

/** A delivery given up, not handled yet. */
export interface DeadDelivery {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly eventRecordedAt: Date;
  /** The server it is about; undefined when it is about none. */
  readonly subject: string | undefined;
  readonly attemptsCount: number;
  /** Outcome of the last attempt, or why no attempt was the reason. */
  readonly cause: string;
  readonly error: string | undefined;
  readonly firstAttemptAt: Date | undefined;
  readonly diedAt: Date;
}

/** What the rules and the mail need of a subscription. */
export interface WatchedSubscription {
  readonly id: string;
  readonly tenant: string;
  readonly state: 'active' | 'paused' | 'disabled' | 'deleted';
  readonly disabledReason: string | undefined;
  /**
   * Last enabled again; what died before says nothing about it now. Undefined when it never was
   * disabled: its creation is no bound, since another clock told its time.
   */
  readonly enabledAt: Date | undefined;
  /** Differs between two times of being enabled. */
  readonly enabledEpoch: number;
  readonly retryPolicy: {
    readonly preset?: 'standard' | 'cdhosting' | 'none' | undefined;
    readonly disable: boolean;
  };
  readonly url: string;
  readonly description: string;
  readonly notificationEmails: readonly string[];
  readonly tenantContacts: readonly string[];
  /** Whether pings shall find out when it can be enabled again, see isProbedWhenDisabled(). */
  readonly isProbed: boolean;
}

export type DisablingCause = 'gone' | 'failing';

export type Verdict =
  | { readonly kind: 'keep' }
  | {
      readonly kind: 'disable';
      readonly cause: DisablingCause;
      /** Becomes the subscription's `disabled_reason`. */
      readonly reason: string;
      /** The delivery that brought it about. */
      readonly delivery: DeadDelivery;
    };

export type Inquiry =
  | { readonly kind: 'settled'; readonly verdict: Verdict }
  /** Has another delivery to the subscription succeeded, its attempt begun since then? */
  | { readonly kind: 'success_since'; readonly since: Date; readonly delivery: DeadDelivery }
  /** Has every attempt failed since then, one at that time or before included? */
  | { readonly kind: 'failing_since'; readonly since: Date; readonly delivery: DeadDelivery };

/** How long a `standard` subscription may go without one success, in milliseconds. */
export const FAILING_MAX_MS = 5 * 24 * 60 * 60 * 1000;

export const GONE_REASON = 'the endpoint answered 410 Gone: it wants no further deliveries';
const DEAD_DELIVERY_REASON =
  'every attempt of a delivery failed, and no other delivery succeeded meanwhile';
const FIVE_DAYS_REASON = 'no delivery succeeded for 5 days';

const KEEP: Verdict = { kind: 'keep' };
const keep: Inquiry = { kind: 'settled', verdict: KEEP };

/** Reasons of giving up that lie with us or with a person, not with the endpoint. */
const NOT_THE_ENDPOINT = new Set(['subscription_disabled', 'expired', 'skipped', 'unprocessable']);

/** What must be known before the dead deliveries of one subscription can be judged. */
export function inquire(subscription: WatchedSubscription, dead: readonly DeadDelivery[]): Inquiry {
  if (subscription.state === 'deleted') return keep;
  const counted = dead.filter(
    ({ cause, diedAt }) =>
      !NOT_THE_ENDPOINT.has(cause) &&
      (subscription.enabledAt === undefined || diedAt > subscription.enabledAt),
  );
  const gone = counted.find(({ cause }) => cause === 'gone');
  if (gone !== undefined) return settled({ cause: 'gone', reason: GONE_REASON, delivery: gone });
  // The one whose first attempt came last: if a success rules it out, it rules out the others too.
  const latest = counted.toSorted((a, b) => beganAt(b).getTime() - beganAt(a).getTime())[0];
  if (latest === undefined) return keep;
  if (subscription.state === 'disabled') return resume(subscription, latest);
  const { retryPolicy } = subscription;
  if (!retryPolicy.disable) return keep;
  if (retryPolicy.preset !== 'standard') {
    return { kind: 'success_since', since: beganAt(latest), delivery: latest };
  }
  const since = new Date(latest.diedAt.getTime() - FAILING_MAX_MS);
  if (subscription.enabledAt !== undefined && subscription.enabledAt > since) return keep;
  return { kind: 'failing_since', since, delivery: latest };
}

/** The verdict, given the answer to what was asked. */
export function judge(inquiry: Inquiry, answer: boolean): Verdict {
  switch (inquiry.kind) {
    case 'settled':
      return inquiry.verdict;
    case 'success_since':
      if (answer) return KEEP;
      return disable({
        cause: 'failing',
        reason: DEAD_DELIVERY_REASON,
        delivery: inquiry.delivery,
      });
    case 'failing_since':
      if (!answer) return KEEP;
      return disable({ cause: 'failing', reason: FIVE_DAYS_REASON, delivery: inquiry.delivery });
  }
}

/**
 * A disabled subscription needs nothing more, unless it was these rules that disabled it and the
 * process ended before the mail was written: then the verdict is repeated, and the mail's key keeps
 * it from being written twice.
 */
function resume(subscription: WatchedSubscription, delivery: DeadDelivery): Inquiry {
  const reason = subscription.disabledReason;
  if (reason !== DEAD_DELIVERY_REASON && reason !== FIVE_DAYS_REASON) return keep;
  return settled({ cause: 'failing', reason, delivery });
}

function beganAt(delivery: DeadDelivery): Date {
  return delivery.firstAttemptAt ?? delivery.diedAt;
}

type Disabling = Omit<Extract<Verdict, { kind: 'disable' }>, 'kind'>;

function disable(disabling: Disabling): Verdict {
  return { kind: 'disable', ...disabling };
}

function settled(disabling: Disabling): Inquiry {
  return { kind: 'settled', verdict: disable(disabling) };
}
