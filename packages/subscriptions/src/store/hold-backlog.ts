import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import type { EstablishedState } from '../domain/subscription.ts';

/**
 * Makes what waits for a subscription follow its new state: held while it is paused or disabled, let
 * go when it is active, to be cancelled when it is deleted.
 *
 * Comes after the subscription's row was written: a dispatcher that would hold the backlog of a
 * subscription it still takes for paused waits for that row, and then finds it active.
 */
export async function holdBacklog(
  transaction: Kysely<HooklineSchema>,
  { id, state }: Pick<EstablishedState, 'id' | 'state'>,
): Promise<void> {
  const held = state === 'paused' || state === 'disabled';
  await sql`
    UPDATE hookline.backlog SET cancelling = ${state === 'deleted'}, probing = false,
      blocked_until = CASE WHEN ${held} THEN 'infinity'::timestamptz END
    WHERE subscription_id = ${id}`.execute(transaction);
}
