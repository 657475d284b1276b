import { readAuthority, type StoredAuthority } from '@hookline/nats-authority';
import { type Platform, StartError } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type { SubscriptionServiceConfig } from '../config.ts';
import type { AgentParts } from '../grpc/agent-credential-methods.ts';
import type { Act, Administration } from '../postgres/act.ts';
import { createAgentCredentialStore } from '../postgres/agent-credential-store.ts';
import { createAccountServer } from './account-server.ts';
import { adoptCredentials } from './adopt-credentials.ts';
import { createAgentServers } from './agent-servers.ts';

const REVOKED_AT_ONCE = 100;

export interface AgentAdministration extends AgentParts {
  /** Revokes everything of a tenant; NATS is told then, or as soon as it is back. */
  revokeAll(tenant: string, act: Act): Promise<void>;
}

/**
 * Starts the managing of agents, when the keys of the NATS operator are given.
 *
 * @throws StartError for a file that does not hold them
 */
export async function startAgentAdministration(
  administration: Administration,
  config: SubscriptionServiceConfig,
  { platform, logger }: { readonly platform: Pick<Platform, 'run'>; readonly logger: Logger },
): Promise<AgentAdministration | undefined> {
  const { natsAuthorityPath, bootstrapAgentCredsPath, natsUrl, credentialsMax } = config;
  if (natsAuthorityPath === undefined) return undefined;
  const stored = await openAuthority(natsAuthorityPath);
  const { authority } = stored;
  if (bootstrapAgentCredsPath !== undefined) {
    await adoptCredentials(administration, stored, bootstrapAgentCredsPath).catch((error) => {
      logger.error({ err: error }, 'the first agent credentials were not put on record');
    });
  }
  const { database } = administration;
  const server = createAccountServer({ url: natsUrl, authority, logger });
  const servers = await platform.run(createAgentServers({ database, server, logger }));
  const store = createAgentCredentialStore({
    ...administration,
    authority,
    servers,
    credentialsMax,
  });
  return {
    store,
    servers,
    natsUrls: config.agentNatsUrls ?? natsUrl.split(',').map(withoutUser),
    async revokeAll(tenant, act) {
      for (;;) {
        const rows = await database.kysely
          .selectFrom('hookline.agent_credential')
          .select(['credential_id', 'tenant', 'host'])
          .where('tenant', '=', tenant)
          .where('revoked_at', 'is', null)
          .limit(REVOKED_AT_ONCE)
          .execute();
        for (const row of rows) await store.revoke(row, act);
        try {
          for (const { host } of rows) await servers.push({ tenant, host });
        } catch (error) {
          // What could not be pushed is pushed again in the background, all of it.
          logger.warn({ err: error, tenant }, 'NATS is told of revocations later');
        }
        if (rows.length < REVOKED_AT_ONCE) return;
      }
    },
  };
}

async function openAuthority(path: string): Promise<StoredAuthority> {
  try {
    return await readAuthority(path);
  } catch (error) {
    throw new StartError(
      `the NATS authority cannot be used: ${(error as Error).message}`,
      'set HOOKLINE_NATS_AUTHORITY to the file with the keys of the NATS operator, or unset it to do without managing agents',
    );
  }
}

/** Agents have credentials of their own. */
function withoutUser(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
