import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';

export interface NewRedrive {
  readonly replayId: string;
  readonly tenant: string;
  /** DeadLetterSelection, encoded. */
  readonly selection: Uint8Array;
  readonly description: string;
  readonly deliveriesPerSecond: number | undefined;
  readonly creator: string;
  readonly total: bigint;
  readonly subscriptionIds: readonly string[];
}

/** Queues a redrive, in the caller's transaction; a dispatcher takes its steps. */
export async function insertRedrive(
  transaction: Kysely<HooklineSchema>,
  redrive: NewRedrive,
): Promise<void> {
  await transaction
    .insertInto('hookline.replay')
    .values({
      replay_id: redrive.replayId,
      tenant: redrive.tenant,
      kind: 'dead_letters',
      selection: Buffer.from(redrive.selection),
      undelivered_only: false,
      description: redrive.description,
      deliveries_per_second: redrive.deliveriesPerSecond ?? null,
      creator: redrive.creator,
      next_step_at: sql<Date>`now()`,
      after_position: 0n,
      total: redrive.total,
    })
    .execute();
  await sql`
    INSERT INTO hookline.redrive_part (replay_id, subscription_id)
    SELECT ${redrive.replayId}, u.id FROM unnest(${[...redrive.subscriptionIds]}::text[]) AS u(id)
    ORDER BY u.id`.execute(transaction);
}
