import type { HooklineSchema } from '@hookline/event-log';
import type { Kysely } from 'kysely';
import {
  type DeadDelivery,
  type Inquiry,
  inquire,
  judge,
  type Verdict,
  type WatchedSubscription,
} from './domain/disabling.ts';
import { hasSucceededSince, isFailingSince } from './postgres/attempt-history.ts';

/** Whether dead letters disable their subscription, by what its attempts came to. */
export async function judgeDeadLetters(
  transaction: Kysely<HooklineSchema>,
  subscription: WatchedSubscription,
  dead: readonly DeadDelivery[],
): Promise<Verdict> {
  const inquiry = inquire(subscription, dead);
  return judge(inquiry, await answer(transaction, subscription.id, inquiry));
}

async function answer(
  transaction: Kysely<HooklineSchema>,
  subscriptionId: string,
  inquiry: Inquiry,
): Promise<boolean> {
  switch (inquiry.kind) {
    case 'settled':
      return true;
    case 'success_since':
      return await hasSucceededSince(transaction, {
        subscriptionId,
        exceptDeliveryId: inquiry.delivery.deliveryId,
        since: inquiry.since,
      });
    case 'failing_since':
      return await isFailingSince(transaction, { subscriptionId, since: inquiry.since });
  }
}
