import { subjects } from '@hookline/contracts';
import { type Nats, publishWakeUp } from '@hookline/messaging';
import {
  type GrpcService,
  type Platform,
  publishCredentialNotice,
} from '@hookline/service-runtime';
import type { SubscriptionStore } from '@hookline/subscriptions';
import type { Logger } from '@hookline/telemetry';
import { startAgentAdministration } from './agents/agent-administration.ts';
import type { SubscriptionServiceConfig } from './config.ts';
import { adminService } from './grpc/admin-service.ts';
import type { Administration } from './postgres/act.ts';
import { adoptAll } from './postgres/adopt.ts';
import { createApiKeyStore } from './postgres/api-key-store.ts';
import { createTenantStore } from './postgres/tenant-store.ts';
import { createTenantPurge } from './tenant-purge.ts';

export interface AdministrationParts {
  readonly administration: Administration;
  readonly config: SubscriptionServiceConfig;
  readonly subscriptions: SubscriptionStore;
  readonly platform: Pick<Platform, 'run' | 'forgetKey'>;
  readonly nats: Nats;
  readonly logger: Logger;
}

/** Starts what AdminService stands on, and answers the service. */
export async function startAdministration(parts: AdministrationParts): Promise<GrpcService> {
  const { administration, config, subscriptions, platform, nats, logger } = parts;
  const wakeReaders = () => publishWakeUp(nats, subjects.subscriptionChanged);
  await adoptAll(administration);
  const { credentialsMax } = config;
  const apiKeys = createApiKeyStore({ ...administration, credentialsMax });
  const agents = await startAgentAdministration(administration, config, { platform, logger });
  const purge = await platform.run(
    createTenantPurge(
      {
        administration,
        subscriptions,
        apiKeys,
        revokeAgents: (tenant, act) =>
          agents === undefined
            ? refuseWorkingAgents(administration, tenant)
            : agents.revokeAll(tenant, act),
        onSubscriptionsEnded: wakeReaders,
        onPurged: (tenant) => publishCredentialNotice(nats, { kind: 'tenant_purged', tenant }),
      },
      logger,
    ),
  );
  return adminService({
    administration,
    tenants: createTenantStore(administration),
    apiKeys,
    agents,
    async purge(tenant) {
      publishCredentialNotice(nats, { kind: 'api_keys_revoked' });
      await purge.purge(tenant);
    },
    onChange: wakeReaders,
    onKeyRevoked(keyId) {
      platform.forgetKey(keyId);
      publishCredentialNotice(nats, { kind: 'api_key_revoked', keyId });
    },
  });
}

/** Their connections cannot be closed by this process: one that has the keys of the operator goes on. */
async function refuseWorkingAgents({ database }: Administration, tenant: string): Promise<void> {
  const row = await database.kysely
    .selectFrom('hookline.agent_credential')
    .select('credential_id')
    .where('tenant', '=', tenant)
    .where('revoked_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return;
  throw new Error(
    `the deleted tenant ${tenant} has agent credentials that only a subscription-service with HOOKLINE_NATS_AUTHORITY can revoke`,
  );
}
