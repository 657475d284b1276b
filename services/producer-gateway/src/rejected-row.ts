import { appendToStream, type Database, type EventMetadata } from '@hookline/event-log';

/** A rejected message as it is kept. */
export interface RejectedRow {
  readonly rejected_id: string;
  /** `nats:<creation of the stream>:<sequence>` for a message of INGEST. */
  readonly dedupe_key: string;
  readonly tenant: string | null;
  readonly channel: string;
  /** The subject, or the path over HTTP. */
  readonly subject: string | null;
  readonly headers: string;
  readonly payload: Buffer;
  readonly payload_bytes: number;
  readonly received_at: Date;
  readonly resolved_at: Date | null;
}

/** The message of a tenant, locked until the transaction ends, so that two calls do not both put it in. */
export async function lockRejected(
  transaction: Database['kysely'],
  { tenant, rejectedId }: { readonly tenant: string; readonly rejectedId: string },
): Promise<RejectedRow | undefined> {
  return await transaction
    .selectFrom('hookline.rejected')
    .selectAll()
    .where('rejected_id', '=', rejectedId)
    .where('tenant', '=', tenant)
    .forUpdate()
    .executeTakeFirst();
}

/** Notes that the message became an event, with who put it in. */
export async function resolveRejected(
  transaction: Database['kysely'],
  resolved: {
    readonly rejectedId: string;
    readonly eventId: string;
    /** What was given instead of what was received. */
    readonly corrected: readonly string[];
    readonly metadata: EventMetadata;
  },
): Promise<void> {
  const { rejectedId, eventId, corrected, metadata } = resolved;
  await transaction
    .updateTable('hookline.rejected')
    .set({ resolved_at: new Date(), event_id: eventId })
    .where('rejected_id', '=', rejectedId)
    .execute();
  await appendToStream(transaction, {
    stream: `rejected-message:${rejectedId}`,
    expectedVersion: 0n,
    events: [{ type: 'RejectedMessageResubmitted', data: { eventId, corrected } }],
    metadata,
  });
}
