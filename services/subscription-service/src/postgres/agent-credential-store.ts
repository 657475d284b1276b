import { DomainError, newId } from '@hookline/contracts';
import { createDeciderRunner, type HooklineSchema } from '@hookline/event-log';
import { type Authority, mintAgentCredentials } from '@hookline/nats-authority';
import { type Kysely, sql } from 'kysely';
import { ensureAccount, signAnew } from '../agents/agent-accounts.ts';
import type { AgentServers } from '../agents/agent-servers.ts';
import {
  type AgentCredentialCommand,
  type AgentCredentialEvent,
  type AgentCredentialFacts,
  type AgentCredentialState,
  agentCredentialDecider,
  agentCredentialNotFound,
  hostTokenOf,
} from '../domain/agent-credential.ts';
import { type Act, type Administration, metadataOf } from './act.ts';
import { type AgentCredentialRow, findAgentCredentialRow } from './agent-credential-rows.ts';
import { isWorking } from './api-key-rows.ts';
import { refuseOverQuota } from './api-key-store.ts';
import { sealedFieldsCodec, streamOf } from './sealed-fields.ts';

type Transaction = Kysely<HooklineSchema>;

export interface NewAgentCredential {
  readonly tenant: string;
  readonly hostName: string;
  readonly description: string;
  readonly creator: string;
  readonly expiresAt?: Date;
}

export interface MadeAgentCredential {
  readonly row: AgentCredentialRow;
  /** The text of a `.creds` file. */
  readonly creds: string;
}

export interface AgentCredentialStore {
  /** Throws DomainError `already_exists` for the token of another host, `resource_exhausted`. */
  create(
    wanted: NewAgentCredential,
    act: Act,
    alongside: {
      readonly before: (transaction: Transaction) => Promise<void>;
      readonly after: (transaction: Transaction, made: MadeAgentCredential) => Promise<void>;
    },
  ): Promise<MadeAgentCredential>;
  /** On record when it resolves, or throws; what NATS knows is not waited for. */
  revoke(
    row: Pick<AgentCredentialRow, 'credential_id' | 'tenant' | 'host'>,
    act: Act,
  ): Promise<void>;
}

export interface AgentCredentialStoreOptions extends Administration {
  readonly authority: Authority;
  readonly servers: Pick<AgentServers, 'push'>;
  /** Of tenants whose quota says nothing. */
  readonly credentialsMax: number;
}

/** Revocations by time spare what was made within the last minute: a credential must be on record by then. */
const RECORDED_WITHIN_MS = 30_000;

export function createAgentCredentialStore(
  options: AgentCredentialStoreOptions,
): AgentCredentialStore {
  const { database, sealer, now, authority, servers, credentialsMax } = options;
  const runnerOf = ({ id, tenant }: { readonly id: string; readonly tenant: string }) =>
    createDeciderRunner<AgentCredentialCommand, AgentCredentialEvent, AgentCredentialState>(
      database,
      {
        decider: agentCredentialDecider,
        codec: sealedFieldsCodec<AgentCredentialEvent>(sealer, {
          kind: 'agent-credential',
          tenant,
          id,
        }),
        streamOf: (each) => streamOf({ kind: 'agent-credential', id: each }),
      },
    );

  return {
    async create({ expiresAt, ...wanted }, act, alongside) {
      const { tenant } = wanted;
      const agent = { tenant, host: hostTokenOf(wanted.hostName) };
      await sealer.ready([tenant]);
      // First the account, which opens nothing without credentials: those handed out always work.
      await ensureAccount(database.kysely, authority, agent);
      await servers.push(agent);
      const mintedMs = now();
      const { creds, userPublicKey } = await mintAgentCredentials(authority, agent, {
        ...(expiresAt !== undefined && { expiresAt }),
      });
      const facts: AgentCredentialFacts = {
        ...wanted,
        id: newId('agt', mintedMs),
        host: agent.host,
        userPublicKey,
        ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
      };
      const at = new Date(mintedMs).toISOString();
      let made: MadeAgentCredential | undefined;
      await runnerOf(facts).run({
        id: facts.id,
        command: { kind: 'create', facts, at },
        expectedVersion: 0n,
        metadata: metadataOf(act, tenant, sealer),
        alongside: async (transaction) => {
          await alongside.before(transaction);
          await refuseOverQuota(transaction, tenant, credentialsMax);
          await refuseOtherHost(transaction, facts);
          made = { row: await insertAgentCredential(transaction, facts, at), creds };
          await alongside.after(transaction, made);
          if (now() - mintedMs > RECORDED_WITHIN_MS) throw tookTooLong();
        },
      });
      if (made === undefined) throw new Error('a creation made no agent credential');
      return made;
    },
    async revoke({ credential_id: id, tenant, host }, act) {
      await sealer.ready([tenant]);
      await runnerOf({ id, tenant }).run({
        id,
        command: { kind: 'revoke', at: new Date(now()).toISOString() },
        expectedVersion: 'current',
        metadata: metadataOf(act, tenant, sealer),
        alongside: async (transaction) => {
          await sql`UPDATE hookline.agent_credential SET revoked_at = now()
            WHERE credential_id = ${id}`.execute(transaction);
          await signAnew(transaction, authority, { tenant, host });
        },
      });
    },
  };
}

/** The tenant is locked by then, so that of two hosts at once one gets the token. */
async function refuseOtherHost(
  transaction: Transaction,
  { tenant, host, hostName }: AgentCredentialFacts,
): Promise<void> {
  const other = await transaction
    .selectFrom('hookline.agent_credential')
    .select('host_name')
    .where('tenant', '=', tenant)
    .where('host', '=', host)
    .where('host_name', '<>', hostName)
    .where(isWorking)
    .limit(1)
    .executeTakeFirst();
  if (other === undefined) return;
  const detail = `its token in NATS subjects would be "${host}", which host "${other.host_name}" has; revoke the credentials of that host first, or name this one differently`;
  throw new DomainError('already_exists', `agent_credential.host_name: ${detail}`, {
    fields: [{ field: 'agent_credential.host_name', detail }],
  });
}

export async function insertAgentCredential(
  transaction: Transaction,
  facts: AgentCredentialFacts,
  at: string,
): Promise<AgentCredentialRow> {
  await transaction
    .insertInto('hookline.agent_credential')
    .values({
      credential_id: facts.id,
      tenant: facts.tenant,
      host: facts.host,
      host_name: facts.hostName,
      description: facts.description,
      user_public_key: facts.userPublicKey,
      creator: facts.creator,
      created_at: new Date(at),
      expires_at: facts.expiresAt === undefined ? null : new Date(facts.expiresAt),
      revoked_at: null,
    })
    .execute();
  const row = await findAgentCredentialRow(transaction, facts.id);
  if (row === undefined) throw agentCredentialNotFound();
  return row;
}

function tookTooLong(): DomainError {
  return new DomainError(
    'unavailable',
    'putting the credentials on record took too long; try again',
    {
      retryAfterMs: 2_000,
    },
  );
}
