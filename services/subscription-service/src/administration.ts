import { subjects } from '@hookline/contracts';
import { type Nats, publishWakeUp } from '@hookline/messaging';
import {
  type GrpcService,
  type Platform,
  publishCredentialNotice,
} from '@hookline/service-runtime';
import type { SubscriptionStore } from '@hookline/subscriptions';
import type { Logger } from '@hookline/telemetry';
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
  const purge = await platform.run(
    createTenantPurge(
      {
        administration,
        subscriptions,
        apiKeys,
        revokeAgents: async () => {},
        onSubscriptionsEnded: wakeReaders,
        onPurged: (tenant) => publishCredentialNotice(nats, { kind: 'tenant_deleted', tenant }),
      },
      logger,
    ),
  );
  return adminService({
    administration,
    tenants: createTenantStore(administration),
    apiKeys,
    async purge(tenant) {
      publishCredentialNotice(nats, { kind: 'tenant_deleted', tenant });
      await purge.purge(tenant);
    },
    onChange: wakeReaders,
    onKeyRevoked(keyId) {
      platform.forgetKey(keyId);
      publishCredentialNotice(nats, { kind: 'api_key_revoked', keyId });
    },
  });
}
