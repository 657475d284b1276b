import type { HooklineSchema } from '@hookline/event-log';
import { type AgentName, type Authority, createAgentAccount } from '@hookline/nats-authority';
import { type Kysely, sql } from 'kysely';
import { type IssuedCredential, revocationsOf } from '../domain/revocations.ts';

type Db = Kysely<HooklineSchema>;

/** An account's claims as servers are to have them. */
export interface AccountClaims extends AgentName {
  readonly claims: string;
  /** Raised whenever they are signed anew. */
  readonly version: bigint;
}

/** The claims of an agent's account; signed and kept when there are none yet. */
export async function ensureAccount(
  db: Db,
  authority: Authority,
  agent: AgentName,
): Promise<AccountClaims> {
  const known = await readAccount(db, agent);
  if (known !== undefined) return known;
  const { publicKey, jwt } = await createAgentAccount(authority, agent);
  await db
    .insertInto('hookline.agent_account')
    .values({ ...agent, public_key: publicKey, claims: jwt })
    .onConflict((conflict) => conflict.columns(['tenant', 'host']).doNothing())
    .execute();
  const account = await readAccount(db, agent);
  if (account === undefined) throw new Error('an agent account that was kept is gone');
  return account;
}

export async function readAccount(
  db: Db,
  { tenant, host }: AgentName,
): Promise<AccountClaims | undefined> {
  return await db
    .selectFrom('hookline.agent_account')
    .select(['tenant', 'host', 'claims', 'version'])
    .where('tenant', '=', tenant)
    .where('host', '=', host)
    .executeTakeFirst();
}

/** Accounts in the order of their names, after one of them. */
export async function listAccounts(
  db: Db,
  { after, limit }: { readonly after: AgentName; readonly limit: number },
): Promise<AccountClaims[]> {
  const { rows } = await sql<AccountClaims>`
    SELECT tenant, host, claims, version FROM hookline.agent_account
    WHERE (tenant, host) > (${after.tenant}, ${after.host}) ORDER BY tenant, host
    LIMIT ${limit}`.execute(db);
  return rows;
}

/**
 * Signs an account's claims anew, with every revocation that is to last, in the transaction that
 * revokes: claims and credentials never differ. The row is locked first, so that of two revocations
 * at once the second sees the first.
 */
export async function signAnew(
  transaction: Db,
  authority: Authority,
  { tenant, host }: AgentName,
): Promise<void> {
  await sql`SELECT FROM hookline.agent_account WHERE tenant = ${tenant} AND host = ${host}
    FOR UPDATE`.execute(transaction);
  const rows = await transaction
    .selectFrom('hookline.agent_credential')
    .select(['user_public_key', 'created_at', 'expires_at', 'revoked_at'])
    .where('tenant', '=', tenant)
    .where('host', '=', host)
    .execute();
  const issued = rows.map(
    (row): IssuedCredential => ({
      userPublicKey: row.user_public_key,
      createdAt: row.created_at,
      ...(row.expires_at !== null && { expiresAt: row.expires_at }),
      ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
    }),
  );
  const revoked = revocationsOf(issued, new Date());
  const { publicKey, jwt } = await createAgentAccount(authority, { tenant, host }, { revoked });
  await sql`
    INSERT INTO hookline.agent_account AS a (tenant, host, public_key, claims)
    VALUES (${tenant}, ${host}, ${publicKey}, ${jwt})
    ON CONFLICT (tenant, host) DO UPDATE
      SET claims = excluded.claims, version = a.version + 1, updated_at = now()`.execute(
    transaction,
  );
}
