import { DomainError, newId } from '@hookline/contracts';
import {
  apiKeyPrefix,
  hashApiKey,
  newApiKey,
  type Role,
  type TenantSealer,
} from '@hookline/credentials';
import { createDeciderRunner, type HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import {
  type ApiKeyCommand,
  type ApiKeyEvent,
  type ApiKeyFacts,
  type ApiKeyState,
  apiKeyDecider,
  apiKeyNotFound,
} from '../domain/api-key.ts';
import { type Act, type Administration, lockTenant, metadataOf } from './act.ts';
import { adoptApiKey } from './adopt.ts';
import { type ApiKeyRow, countCredentials, findApiKeyRow, isWorking } from './api-key-rows.ts';
import { appendFirst, sealedFieldsCodec, streamOf } from './sealed-fields.ts';

type Transaction = Kysely<HooklineSchema>;

export interface NewApiKey {
  readonly tenant: string;
  readonly role: Role;
  readonly name: string;
  readonly creator: string;
  readonly expiresAt?: Date;
}

export interface MadeApiKey {
  readonly row: ApiKeyRow;
  /** The credential. */
  readonly secret: string;
}

/** A new key's facts and its credential, which is nowhere else. */
export function mintApiKey(
  { expiresAt, ...wanted }: NewApiKey,
  now: number,
): { readonly facts: ApiKeyFacts; readonly secret: string } {
  const secret = newApiKey();
  const facts = {
    ...wanted,
    id: newId('key', now),
    keyHash: hashApiKey(secret),
    prefix: apiKeyPrefix(secret),
    ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
  };
  return { facts, secret };
}

export interface ApiKeyStore {
  /** Throws DomainError `resource_exhausted` over the quota, `not_found` for a tenant deleted meanwhile. */
  create(
    wanted: NewApiKey,
    act: Act,
    alongside: {
      readonly before: (transaction: Transaction) => Promise<void>;
      readonly after: (transaction: Transaction, made: MadeApiKey) => Promise<void>;
    },
  ): Promise<MadeApiKey>;
  /** Throws `failed_precondition` for the last admin key of a tenant that is there. */
  revoke(row: ApiKeyRow, act: Act): Promise<ApiKeyRow>;
  /** Revokes whatever key it is. The tenant's key must be at hand. */
  revokeOfDeletedTenant(row: ApiKeyRow, act: Act): Promise<void>;
}

export interface ApiKeyStoreOptions extends Administration {
  /** Of tenants whose quota says nothing. */
  readonly credentialsMax: number;
}

export function createApiKeyStore(options: ApiKeyStoreOptions): ApiKeyStore {
  const { database, sealer, now, credentialsMax } = options;
  const at = () => new Date(now()).toISOString();
  const runnerOf = (facts: { readonly id: string; readonly tenant: string }) =>
    createDeciderRunner<ApiKeyCommand, ApiKeyEvent, ApiKeyState>(database, {
      decider: apiKeyDecider,
      codec: sealedFieldsCodec<ApiKeyEvent>(sealer, { kind: 'api-key', ...facts }),
      streamOf: (id) => streamOf({ kind: 'api-key', id }),
    });

  const revokeRow = async (
    row: ApiKeyRow,
    act: Act,
    check: (transaction: Transaction) => Promise<void>,
  ): Promise<void> => {
    const { key_id: id, tenant } = row;
    await adoptApiKey(options, row);
    await runnerOf({ id, tenant }).run({
      id,
      command: { kind: 'revoke', at: at() },
      expectedVersion: 'current',
      metadata: metadataOf(act, tenant, sealer),
      alongside: async (transaction) => {
        await check(transaction);
        await sql`UPDATE hookline.api_key SET revoked_at = now() WHERE key_id = ${id}`.execute(
          transaction,
        );
      },
    });
  };

  return {
    async create(wanted, act, alongside) {
      const { tenant } = wanted;
      await sealer.ready([tenant]);
      const { facts, secret } = mintApiKey(wanted, now());
      let made: MadeApiKey | undefined;
      await runnerOf({ id: facts.id, tenant }).run({
        id: facts.id,
        command: { kind: 'create', facts, at: at() },
        expectedVersion: 0n,
        metadata: metadataOf(act, tenant, sealer),
        alongside: async (transaction) => {
          await alongside.before(transaction);
          await refuseOverQuota(transaction, tenant, credentialsMax);
          made = { row: await insertApiKey(transaction, facts), secret };
          await alongside.after(transaction, made);
        },
      });
      if (made === undefined) throw new Error('a creation made no key');
      return made;
    },
    async revoke(row, act) {
      await sealer.ready([row.tenant]);
      if (row.revoked_at !== null) return row;
      await revokeRow(row, act, (transaction) => refuseLastAdmin(transaction, row));
      const revoked = await findApiKeyRow(database.kysely, row.key_id);
      if (revoked === undefined) throw apiKeyNotFound();
      return revoked;
    },
    revokeOfDeletedTenant: (row, act) => revokeRow(row, act, () => Promise.resolve()),
  };
}

/** The tenant's first key, in the transaction that makes the tenant; sealed by its new key. */
export async function insertFirstKey(
  transaction: Transaction,
  minted: ReturnType<typeof mintApiKey>,
  sealing: { readonly sealer: Pick<TenantSealer, 'seal' | 'open'>; readonly act: Act },
): Promise<MadeApiKey> {
  const { facts, secret } = minted;
  const { id, tenant } = facts;
  const at = new Date().toISOString();
  const event: ApiKeyEvent = { type: 'ApiKeyCreated', ...facts, at };
  await appendFirst(
    transaction,
    { kind: 'api-key', tenant, id },
    {
      event,
      sealer: sealing.sealer,
      metadata: metadataOf(sealing.act, tenant, sealing.sealer),
    },
  );
  return { row: await insertApiKey(transaction, facts), secret };
}

async function insertApiKey(transaction: Transaction, facts: ApiKeyFacts): Promise<ApiKeyRow> {
  return await transaction
    .insertInto('hookline.api_key')
    .values({
      key_id: facts.id,
      tenant: facts.tenant,
      role: facts.role,
      name: facts.name,
      key_hash: facts.keyHash,
      prefix: facts.prefix,
      creator: facts.creator,
      expires_at: facts.expiresAt === undefined ? null : new Date(facts.expiresAt),
      revoked_at: null,
      last_used_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Locks the tenant, so that of many creations at once none goes over. */
export async function refuseOverQuota(
  transaction: Transaction,
  tenant: string,
  fallback: number,
): Promise<void> {
  const { credentials_max: own } = await lockTenant(transaction, tenant);
  const max = own === null ? fallback : Number(own);
  if ((await countCredentials(transaction, tenant)) < max) return;
  throw new DomainError(
    'resource_exhausted',
    `the tenant has ${max} working API keys and agent credentials, and its quota allows no more; revoke some, or have the operator raise quotas.credentials_max`,
  );
}

/** Locks the tenant, so that of its last two admin keys, revoked at once, one stays. */
async function refuseLastAdmin(transaction: Transaction, row: ApiKeyRow): Promise<void> {
  if (row.role !== 'admin') return;
  await lockTenant(transaction, row.tenant);
  const { rows } = await sql<{ own: boolean; others: bigint }>`
    SELECT coalesce(bool_or(key_id = ${row.key_id}), false) AS own,
      count(*) FILTER (WHERE key_id <> ${row.key_id}) AS others
    FROM hookline.api_key WHERE tenant = ${row.tenant} AND role = 'admin' AND ${isWorking}`.execute(
    transaction,
  );
  // One that has expired opens nothing any more: revoking it takes nothing away.
  if (rows[0]?.own !== true || rows[0].others > 0n) return;
  throw new DomainError(
    'failed_precondition',
    "this is the tenant's last admin key, and without one nobody could make another; create an admin key first",
  );
}
