import { fingerprintOf } from '@hookline/event-log';
import type { SigningKey } from '../domain/subscription.ts';
import {
  type ChangeResult,
  type Changing,
  changeOnce,
  changeSubscription,
  type MakeCommand,
  type SubscriptionTarget,
} from './change-subscription.ts';
import { reviveView, type Subscription } from './subscription-view.ts';

export interface RotateSecret {
  /** How long the secrets before sign as well. */
  readonly overlapMs: number;
  /** A secret that was brought, checked; absent: one is made. */
  readonly secret?: string;
  /** Makes the call repeatable for 24 hours. */
  readonly requestId?: string;
}

export interface RotatedSecret {
  readonly subscription: Subscription;
  /** To be shown in the answer to this call and never again. */
  readonly secret: string;
  /** When the last of the secrets before stops signing. */
  readonly overlapEndsAt: Date;
}

export interface Rotating extends Changing {
  readonly now: () => number;
  readonly makeSecret: () => string;
  readonly makeSigningKey: () => SigningKey;
}

/** Replaces the secret of a subscription; those before sign on until the overlap ends. */
export async function rotateSecret(
  rotating: Rotating,
  target: SubscriptionTarget,
  rotation: RotateSecret,
): Promise<RotatedSecret> {
  const { now, makeSecret, makeSigningKey } = rotating;
  const { overlapMs, requestId } = rotation;
  const secret = rotation.secret ?? makeSecret();
  const timeMs = now();
  const overlapEndsAt = new Date(timeMs + overlapMs);
  const makeCommand: MakeCommand = () => ({
    kind: 'rotate_secret',
    secret,
    signingKey: makeSigningKey(),
    overlapEndsAt: overlapEndsAt.toISOString(),
    at: new Date(timeMs).toISOString(),
  });
  const rotated = ({ subscription }: ChangeResult) => ({ subscription, secret, overlapEndsAt });
  if (requestId === undefined) {
    return rotated(await changeSubscription(rotating, target, makeCommand));
  }
  const { tenant, subscriptionId, etag = '' } = target;
  const asked = { subscriptionId, etag, overlapMs, secret: rotation.secret };
  const call = { tenant, method: 'RotateSecret', requestId, fingerprint: fingerprintOf(asked) };
  const answer = (result: ChangeResult) => JSON.stringify(rotated(result));
  return readAnswer(await changeOnce(rotating, target, { call, makeCommand, answer }));
}

function readAnswer(text: string): RotatedSecret {
  const { subscription, secret, overlapEndsAt } = JSON.parse(text) as RotatedSecret;
  return {
    subscription: reviveView(subscription),
    secret,
    overlapEndsAt: new Date(overlapEndsAt),
  };
}
