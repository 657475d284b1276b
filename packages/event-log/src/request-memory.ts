import { createHash } from 'node:crypto';
import { DomainError } from '@hookline/contracts';
import { type Kysely, sql } from 'kysely';
import type { HooklineSchema } from './schema.ts';

/** How long a first answer is kept. */
const KEPT = '24 hours';

/** What keeps the answers: they may hold secrets. `Sealer` of @hookline/credentials. */
export interface AnswerSealer {
  seal(plaintext: string, context: string): string;
  open(sealed: string, context: string): string;
}

/** A call that may be repeated: who calls which method, under which id, with what content. */
export interface RepeatableCall {
  readonly tenant: string;
  readonly method: string;
  readonly requestId: string;
  readonly fingerprint: Buffer;
}

/** What tells two requests apart: SHA-256 over their JSON, whatever the order of their members. */
export function fingerprintOf(request: unknown): Buffer {
  const ordered = JSON.stringify(request, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(ordered).digest();
}

/**
 * Claims a request id in the caller's transaction, or answers the text that the first call with it
 * was answered with. A second call that comes while the first is under way waits for its end.
 *
 * Throws DomainError `already_exists` when the id was used for another request.
 */
export async function claimRequest(
  transaction: Kysely<HooklineSchema>,
  call: RepeatableCall,
  sealer: AnswerSealer,
): Promise<string | undefined> {
  const { tenant, method, requestId, fingerprint } = call;
  const claimed = await sql`
    INSERT INTO hookline.request AS r (tenant, method, request_id, fingerprint, response)
    VALUES (${tenant}, ${method}, ${requestId}, ${fingerprint}, '')
    ON CONFLICT (tenant, method, request_id) DO UPDATE
      SET fingerprint = excluded.fingerprint, response = '', created_at = now()
      WHERE r.created_at < now() - ${KEPT}::interval
    RETURNING request_id`.execute(transaction);
  if (claimed.rows.length > 0) return undefined;
  const first = await transaction
    .selectFrom('hookline.request')
    .select(['fingerprint', 'response'])
    .where('tenant', '=', tenant)
    .where('method', '=', method)
    .where('request_id', '=', requestId)
    .executeTakeFirstOrThrow();
  if (!first.fingerprint.equals(fingerprint)) {
    throw new DomainError(
      'already_exists',
      'this request_id was used for a different request in the last 24 hours; use a new one',
      {
        fields: [
          { field: 'request_id', detail: 'was used for a different request; use a new one' },
        ],
      },
    );
  }
  return sealer.open(first.response, contextOf(call));
}

/** Keeps the answer to a claimed call, sealed. */
export async function keepResponse(
  transaction: Kysely<HooklineSchema>,
  call: RepeatableCall,
  response: { readonly text: string; readonly sealer: AnswerSealer },
): Promise<void> {
  await transaction
    .updateTable('hookline.request')
    .set({ response: response.sealer.seal(response.text, contextOf(call)) })
    .where('tenant', '=', call.tenant)
    .where('method', '=', call.method)
    .where('request_id', '=', call.requestId)
    .execute();
}

/** Forgets answers older than 24 hours; returns how many. */
export async function forgetRequests(db: Kysely<HooklineSchema>): Promise<number> {
  const result = await sql`
    DELETE FROM hookline.request WHERE created_at < now() - ${KEPT}::interval`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

function contextOf({ tenant, method, requestId }: RepeatableCall): string {
  return `request:${tenant}/${method}/${requestId}`;
}
