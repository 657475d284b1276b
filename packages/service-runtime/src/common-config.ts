import { join, resolve } from 'node:path';
import { type LogLevel, logLevels } from '@hookline/telemetry';
import { type Environment, readEnv, type ValuesOf } from './environment.ts';
import {
  address,
  bindAddress,
  boolean,
  forwardProxy,
  integer,
  masterKey,
  masterKeys,
  oneOf,
  optional,
  subnets,
  text,
  urlOf,
} from './variables.ts';

/** Every port Hookline listens on by default; HOOKLINE_PORT_OFFSET is added to each. */
export const defaultPorts = {
  console: 8080,
  ingest: 8081,
  subscriptionsGrpc: 50051,
  ingestGrpc: 50052,
  deliveriesGrpc: 50053,
  deadLettersGrpc: 50054,
  nats: 4222,
  postgres: 5433,
  producerGatewayHealth: 9101,
  subscriptionServiceHealth: 9102,
  dispatcherHealth: 9103,
  deadLetterMonitorHealth: 9104,
  consoleHealth: 9105,
} as const;

export type Ports = Readonly<Record<keyof typeof defaultPorts, number>>;

const portOffsetMax = 65_535 - Math.max(...Object.values(defaultPorts));

/** What every process reads. */
export const processVariables = {
  /** Where embedded servers, mails and endpoints.json are kept. */
  dataDir: text({ name: 'HOOKLINE_DATA_DIR', fallback: '.hookline', rule: 'the path of a folder' }),
  portOffset: integer({ name: 'HOOKLINE_PORT_OFFSET', fallback: 0, min: 0, max: portOffsetMax }),
  bind: bindAddress({ name: 'HOOKLINE_BIND', fallback: '127.0.0.1' }),
  logLevel: oneOf({ name: 'HOOKLINE_LOG_LEVEL', values: logLevels, fallback: 'info' }),
  /**
   * Calls a second of one API key at each service, unless its tenant has a quota. Far more than a
   * program that manages webhooks needs; what it keeps out is a loop gone wild.
   */
  requestsPerSecond: integer({
    name: 'HOOKLINE_REQUESTS_PER_SECOND',
    fallback: 2_000,
    min: 1,
    max: 1_000_000,
    unit: 'requests a second',
  }),
};

export const postgresVariables = {
  postgresUrl: urlOf({
    name: 'HOOKLINE_POSTGRES_URL',
    schemes: ['postgres', 'postgresql'],
    example: 'postgres://user:password@127.0.0.1:5433/hookline',
  }),
};

export const natsVariables = {
  natsUrl: urlOf({
    name: 'HOOKLINE_NATS_URL',
    schemes: ['nats', 'tls'],
    example: 'nats://127.0.0.1:4222',
  }),
  /** A credentials file of the HOOKLINE account; without it, as the URL says. */
  natsCredsPath: optional(
    text({ name: 'HOOKLINE_NATS_CREDS', rule: 'the path of a credentials file' }),
  ),
};

export const masterKeyVariables = {
  /** Seals secrets at rest. Losing it loses every subscription's secret. */
  masterKey: masterKey({ name: 'HOOKLINE_MASTER_KEY' }),
  /** Open what they sealed, and seal nothing: keys in use before, or soon. */
  masterKeysOld: masterKeys({ name: 'HOOKLINE_MASTER_KEYS_OLD', fallback: [] }),
};

/** Both: gRPC is served over TLS. Neither: in plain text, for the loopback and a mesh that encrypts. */
export const grpcTlsVariables = {
  grpcTlsCertPath: optional(
    text({ name: 'HOOKLINE_GRPC_TLS_CERT', rule: 'the path of a PEM file of certificates' }),
  ),
  grpcTlsKeyPath: optional(
    text({ name: 'HOOKLINE_GRPC_TLS_KEY', rule: 'the path of a PEM file of a private key' }),
  ),
};

/** For the clients of gRPC services. */
export const grpcClientTlsVariables = {
  grpcTlsCaPath: optional(
    text({
      name: 'HOOKLINE_GRPC_TLS_CA',
      rule: 'the path of a PEM file of the authority that signed HOOKLINE_GRPC_TLS_CERT',
    }),
  ),
};

/** What decides where requests may go; see the SSRF rules of safe-http. */
export const outboundVariables = {
  /** Networks that deliveries may reach besides public addresses, plain http allowed there. */
  allowSubnets: subnets({ name: 'HOOKLINE_ALLOW_SUBNETS', fallback: [] }),
  /** Plain http to public addresses too. */
  allowHttp: boolean({ name: 'HOOKLINE_ALLOW_HTTP', fallback: false }),
};

/** How requests get there. */
export const connectionVariables = {
  /** Authorities trusted besides those that Node comes with: a private one's. */
  caFile: optional(
    text({ name: 'HOOKLINE_CA_FILE', rule: 'the path of a PEM file of certificates' }),
  ),
  /** A forward proxy, which carries what goes to public addresses. */
  proxy: optional(forwardProxy({ name: 'HOOKLINE_HTTP_PROXY' })),
};

export const mailVariables = {
  /** Without it mails are written to `<data dir>/mail`. */
  smtpUrl: optional(
    urlOf({
      name: 'HOOKLINE_SMTP_URL',
      schemes: ['smtp', 'smtps'],
      example: 'smtp://user:password@mail.example.com:587',
    }),
  ),
  smtpFrom: text({
    name: 'HOOKLINE_SMTP_FROM',
    fallback: 'hookline@localhost',
    pattern: /^[^\s@]+@[^\s@]+$|^.*<[^\s@]+@[^\s@]+>$/,
    rule: 'an e-mail address, such as hookline@example.com',
  }),
};

export const retentionVariables = {
  retentionDays: integer({
    name: 'HOOKLINE_RETENTION_DAYS',
    fallback: 90,
    min: 1,
    max: 36_500,
    unit: 'days',
  }),
  dedupeDays: integer({
    name: 'HOOKLINE_DEDUPE_DAYS',
    fallback: 7,
    min: 1,
    max: 365,
    unit: 'days',
  }),
};

/** The admin key of tenant `default`, used only while no tenant exists. */
export const bootstrapVariables = {
  bootstrapApiKey: optional(
    text({
      name: 'HOOKLINE_BOOTSTRAP_API_KEY',
      secret: true,
      pattern: /^hk_[A-Za-z0-9_-]{43}$/,
      rule: 'hk_ and 32 bytes in base64url (43 characters)',
    }),
  ),
};

export interface ProcessConfig {
  /** Absolute. */
  readonly dataDir: string;
  readonly portOffset: number;
  /** The default ports with the offset added. */
  readonly ports: Ports;
  /** The address to listen on. */
  readonly bind: string;
  readonly logLevel: LogLevel;
  /** Calls a second of one API key, unless its tenant has a quota. */
  readonly requestsPerSecond: number;
}

export interface CommonConfig extends ProcessConfig {
  readonly postgresUrl: string;
  readonly natsUrl: string;
  readonly natsCredsPath: string | undefined;
  readonly masterKey: string;
  readonly masterKeysOld: readonly string[];
  readonly grpcTlsCertPath: string | undefined;
  readonly grpcTlsKeyPath: string | undefined;
}

function withPorts<V extends ValuesOf<typeof processVariables>>(
  values: V,
): V & { readonly ports: Ports } {
  const ports = Object.fromEntries(
    Object.entries(defaultPorts).map(([name, port]) => [name, port + values.portOffset]),
  ) as Ports;
  return { ...values, dataDir: resolve(values.dataDir), ports };
}

/** What a service without Postgres and NATS needs. @throws ConfigurationError */
export function processConfig(env: Environment): ProcessConfig {
  return withPorts(readEnv(env, processVariables));
}

/** What a service with Postgres, NATS and secrets needs. @throws ConfigurationError */
export function commonConfig(env: Environment): CommonConfig {
  return withPorts(
    readEnv(env, {
      ...processVariables,
      ...postgresVariables,
      ...natsVariables,
      ...masterKeyVariables,
      ...grpcTlsVariables,
    }),
  );
}

/** Where the gRPC services are; by default on this machine at their default ports. @throws ConfigurationError */
export function grpcAddresses(env: Environment) {
  const { ports } = processConfig(env);
  return readEnv(env, {
    subscriptions: address({
      name: 'HOOKLINE_SUBSCRIPTIONS_ADDRESS',
      fallback: `127.0.0.1:${ports.subscriptionsGrpc}`,
    }),
    ingest: address({ name: 'HOOKLINE_INGEST_ADDRESS', fallback: `127.0.0.1:${ports.ingestGrpc}` }),
    deliveries: address({
      name: 'HOOKLINE_DELIVERIES_ADDRESS',
      fallback: `127.0.0.1:${ports.deliveriesGrpc}`,
    }),
    deadLetters: address({
      name: 'HOOKLINE_DEAD_LETTERS_ADDRESS',
      fallback: `127.0.0.1:${ports.deadLettersGrpc}`,
    }),
  });
}

/** Where mails go that no SMTP server takes. */
export function mailFolder(config: ProcessConfig): string {
  return join(config.dataDir, 'mail');
}
