import { readFile } from 'node:fs/promises';
import { newId } from '@hookline/contracts';
import { agentAccountId, readCredentials, type StoredAuthority } from '@hookline/nats-authority';
import type { AgentCredentialEvent } from '../domain/agent-credential.ts';
import { type Administration, metadataOf } from '../postgres/act.ts';
import { insertAgentCredential } from '../postgres/agent-credential-store.ts';
import { appendFirst } from '../postgres/sealed-fields.ts';
import { ensureAccount } from './agent-accounts.ts';

const bootstrap = { actor: 'bootstrap', remoteAddress: '' };

/**
 * Puts credentials on record that were made with the installation itself, so that they are listed
 * and can be revoked like all others. Nothing happens for those that are on record, or whose tenant
 * is not there. Throws for a file that holds no credentials of this authority.
 */
export async function adoptCredentials(
  administration: Administration,
  stored: StoredAuthority,
  path: string,
): Promise<void> {
  const { database, sealer } = administration;
  const read = await readCredentials(await readFile(path, 'utf8'));
  const [tenant = '', host = ''] = read.name.split('/');
  if (read.accountId !== agentAccountId(stored.authority, { tenant, host })) {
    throw new Error(`${path} holds credentials of another NATS operator`);
  }
  const known = await database.kysely
    .selectFrom('hookline.tenant as t')
    .leftJoin('hookline.agent_credential as c', (join) =>
      join.onRef('c.tenant', '=', 't.name').on('c.user_public_key', '=', read.userPublicKey),
    )
    .select('c.credential_id')
    .where('t.name', '=', tenant)
    .where('t.deleted_at', 'is', null)
    .executeTakeFirst();
  if (known === undefined || known.credential_id !== null) return;
  await sealer.ready([tenant]);
  await ensureAccount(database.kysely, stored.authority, { tenant, host });
  const facts = {
    id: newId('agt', read.issuedAt.getTime()),
    tenant,
    host,
    hostName: host,
    description: 'made by the first start',
    userPublicKey: read.userPublicKey,
    creator: 'bootstrap',
    ...(read.expiresAt !== undefined && { expiresAt: read.expiresAt.toISOString() }),
  };
  const at = read.issuedAt.toISOString();
  const event: AgentCredentialEvent = { type: 'AgentCredentialCreated', ...facts, at };
  const place = { kind: 'agent-credential', tenant, id: facts.id } as const;
  const metadata = metadataOf(bootstrap, tenant, sealer);
  await database.kysely.transaction().execute(async (transaction) => {
    await appendFirst(transaction, place, { event, sealer, metadata });
    await insertAgentCredential(transaction, facts, at);
  });
}
