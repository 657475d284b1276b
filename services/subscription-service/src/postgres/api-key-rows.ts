import type { Database, HooklineSchema } from '@hookline/event-log';
import { type Kysely, type Selectable, sql } from 'kysely';

export type ApiKeyRow = Selectable<HooklineSchema['hookline.api_key']>;

export interface ListApiKeys {
  readonly tenant: string;
  /** Empty: all. */
  readonly roles: readonly ApiKeyRow['role'][];
  readonly includeInactive: boolean;
  /** The last id of the page before; absent: the first page. */
  readonly before?: string;
  readonly limit: number;
}

/** Keys of a tenant, the newest first: their ids carry the time of their making. */
export function listApiKeyRows({ kysely }: Database, list: ListApiKeys): Promise<ApiKeyRow[]> {
  const { tenant, roles, includeInactive, before, limit } = list;
  return kysely
    .selectFrom('hookline.api_key')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(before !== undefined, (q) => q.where('key_id', '<', before as string))
    .$if(roles.length > 0, (q) => q.where('role', 'in', roles))
    .$if(!includeInactive, (q) => q.where(isWorking))
    .orderBy('key_id', 'desc')
    .limit(limit)
    .execute();
}

export function findApiKeyRow(
  db: Kysely<HooklineSchema>,
  id: string,
): Promise<ApiKeyRow | undefined> {
  return db.selectFrom('hookline.api_key').selectAll().where('key_id', '=', id).executeTakeFirst();
}

/** Not revoked, and not past its end by Postgres's clock. */
export const isWorking = sql<boolean>`revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;

/** Keys and agent credentials of a tenant that work, together. */
export async function countCredentials(
  transaction: Kysely<HooklineSchema>,
  tenant: string,
): Promise<number> {
  const { rows } = await sql<{ count: bigint }>`
    SELECT (SELECT count(*) FROM hookline.api_key WHERE tenant = ${tenant} AND ${isWorking})
      + (SELECT count(*) FROM hookline.agent_credential WHERE tenant = ${tenant} AND ${isWorking}) AS count`.execute(
    transaction,
  );
  return Number(rows[0]?.count ?? 0n);
}
