import type { Database, HooklineSchema } from '@hookline/event-log';
import type { Kysely, Selectable } from 'kysely';
import { isWorking } from './api-key-rows.ts';

/** A row, with when an event of its host was last accepted. */
export type AgentCredentialRow = Selectable<HooklineSchema['hookline.agent_credential']> & {
  readonly last_event_at: Date | null;
};

export interface ListAgentCredentials {
  readonly tenant: string;
  /** Empty: all. */
  readonly host: string;
  readonly includeInactive: boolean;
  /** The last id of the page before; absent: the first page. */
  readonly before?: string;
  readonly limit: number;
}

/** Credentials of a tenant, the newest first. */
export function listAgentCredentialRows(
  { kysely }: Database,
  list: ListAgentCredentials,
): Promise<AgentCredentialRow[]> {
  const { tenant, host, includeInactive, before, limit } = list;
  return withLastEvent(kysely)
    .where('c.tenant', '=', tenant)
    .$if(before !== undefined, (q) => q.where('c.credential_id', '<', before as string))
    .$if(host !== '', (q) => q.where('c.host', '=', host))
    .$if(!includeInactive, (q) => q.where(isWorking))
    .orderBy('c.credential_id', 'desc')
    .limit(limit)
    .execute();
}

export function findAgentCredentialRow(
  db: Kysely<HooklineSchema>,
  id: string,
): Promise<AgentCredentialRow | undefined> {
  return withLastEvent(db).where('c.credential_id', '=', id).executeTakeFirst();
}

function withLastEvent(db: Kysely<HooklineSchema>) {
  return db
    .selectFrom('hookline.agent_credential as c')
    .leftJoin('hookline.agent as a', (join) =>
      join.onRef('a.tenant', '=', 'c.tenant').onRef('a.host', '=', 'c.host'),
    )
    .selectAll('c')
    .select('a.last_event_at');
}
