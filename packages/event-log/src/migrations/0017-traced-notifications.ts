import { type Kysely, sql } from 'kysely';

/** The trace that a mail belongs to, which may be sent hours later and by another process. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
ALTER TABLE hookline.notification ADD COLUMN traceparent text NOT NULL DEFAULT '';
COMMENT ON COLUMN hookline.notification.traceparent IS 'Of the span that wrote it; empty when none was recorded.';
`;
