import {
  bootstrapVariables,
  combineConfig,
  type Environment,
  masterKeyVariables,
  natsVariables,
  optional,
  outboundVariables,
  type Ports,
  postgresVariables,
  processConfig,
  readEnv,
  urlOf,
} from '@hookline/service-runtime';

/** How the local stack is to run. */
export interface LocalStackConfig {
  /** Absolute. Everything the stack keeps, except what PostgreSQL must be given elsewhere. */
  readonly dataDir: string;
  readonly portOffset: number;
  readonly ports: Ports;
  /** The address that services and NATS listen on; embedded PostgreSQL stays on 127.0.0.1. */
  readonly bind: string;
  /** Given: this PostgreSQL is used and none is started. */
  readonly postgresUrl: string | undefined;
  /** Role for migrations on a given PostgreSQL; by default the role of `postgresUrl`. */
  readonly postgresOwnerUrl: string | undefined;
  /** Given: this NATS is used and none is started. */
  readonly natsUrl: string | undefined;
  readonly natsCredsPath: string | undefined;
  /** Networks that deliveries may reach besides public addresses, comma-separated CIDRs. */
  readonly allowSubnets: string;
  /** Whether `allowSubnets` is the local stack's default rather than somebody's choice. */
  readonly allowSubnetsByDefault: boolean;
  readonly bootstrapApiKey: string | undefined;
  readonly masterKey: string | undefined;
  readonly masterKeysOld: readonly string[];
  /** What the services inherit: settings that are theirs alone. */
  readonly env: Environment;
}

/** Receivers on this machine: what one tries Hookline out with. */
export const DEFAULT_ALLOW_SUBNETS = '127.0.0.0/8,::1/128';

/** @throws ConfigurationError with every fault together. */
export function envToConfig(env: Environment): LocalStackConfig {
  const { common, own } = combineConfig(env, {
    common: processConfig,
    own: (environment) =>
      readEnv(environment, {
        postgresUrl: optional(postgresVariables.postgresUrl),
        postgresOwnerUrl: optional(
          urlOf({
            name: 'HOOKLINE_POSTGRES_OWNER_URL',
            schemes: ['postgres', 'postgresql'],
            example: 'postgres://owner:password@127.0.0.1:5432/hookline',
          }),
        ),
        natsUrl: optional(natsVariables.natsUrl),
        natsCredsPath: natsVariables.natsCredsPath,
        allowSubnets: outboundVariables.allowSubnets,
        bootstrapApiKey: bootstrapVariables.bootstrapApiKey,
        masterKey: optional(masterKeyVariables.masterKey),
        masterKeysOld: masterKeyVariables.masterKeysOld,
      }),
  });
  const chosen = env.HOOKLINE_ALLOW_SUBNETS ?? '';
  return {
    dataDir: common.dataDir,
    portOffset: common.portOffset,
    ports: common.ports,
    bind: common.bind,
    postgresUrl: own.postgresUrl,
    postgresOwnerUrl: own.postgresOwnerUrl,
    natsUrl: own.natsUrl,
    natsCredsPath: own.natsCredsPath,
    allowSubnets: chosen === '' ? DEFAULT_ALLOW_SUBNETS : chosen,
    allowSubnetsByDefault: chosen === '',
    bootstrapApiKey: own.bootstrapApiKey,
    // As written: services decode it themselves.
    masterKey: env.HOOKLINE_MASTER_KEY || undefined,
    masterKeysOld: own.masterKeysOld,
    env,
  };
}
