import type { Sealer } from '@hookline/credentials';
import type { Database } from '@hookline/event-log';
import { sql } from 'kysely';
import { createSubscriptionCodec } from './sealed-document.ts';

interface DocumentRow {
  readonly subscription_id: string;
  readonly tenant: string;
  readonly document: string;
}

const BATCH = 200;

/**
 * Seals what a master key sealed directly in the rows of subscriptions anew, under the key of their
 * tenant. A row that changes meanwhile is left to its change, which seals it so as well. Answers how
 * many rows were written. Throws SealError when a value does not open.
 */
export async function resealDocuments(
  { kysely }: Database,
  { sealer, onProgress }: { readonly sealer: Sealer; readonly onProgress: (done: number) => void },
): Promise<number> {
  const codec = createSubscriptionCodec(sealer);
  let done = 0;
  for (let after = ''; ; ) {
    const { rows } = await sql<DocumentRow>`
      SELECT subscription_id, tenant, document FROM hookline.subscription
      WHERE subscription_id > ${after} AND document LIKE '%"v1.%'
        AND tenant IN (SELECT name FROM hookline.tenant WHERE purged_at IS NULL)
      ORDER BY subscription_id LIMIT ${BATCH}`.execute(kysely);
    await sealer.ready(rows.map(({ tenant }) => tenant));
    for (const row of rows) {
      const document = codec.resealDocument(row.document, {
        tenant: row.tenant,
        id: row.subscription_id,
      });
      await sql`UPDATE hookline.subscription SET document = ${document}
        WHERE subscription_id = ${row.subscription_id} AND document = ${row.document}`.execute(
        kysely,
      );
    }
    done += rows.length;
    if (rows.length > 0) onProgress(done);
    const last = rows.at(-1);
    if (rows.length < BATCH || last === undefined) return done;
    after = last.subscription_id;
  }
}
