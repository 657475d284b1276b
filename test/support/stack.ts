import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inboxPrefix } from '@hookline/contracts';
import {
  type Endpoints,
  envToConfig,
  findFreePortOffset,
  LocalStackError,
  openAuthority,
  type RunningLocalStack,
  readEndpoints,
  startLocalStack,
} from '@hookline/local-stack';
import {
  type AgentName,
  createAgentAccount,
  mintAgentCredentials,
  mintSystemCredentials,
  pushAccount,
} from '@hookline/nats-authority';
import { tempDir } from '@hookline/testing';
import { connect, credsAuthenticator, type NatsConnection } from 'nats';
import pg from 'pg';

/** A whole Hookline: embedded servers, five processes, a temporary data folder. */
export interface TestStack extends AsyncDisposable {
  readonly endpoints: Endpoints;
  readonly dataDir: string;
  /** The endpoints as they are now; pids change when a process is restarted. */
  current(): Promise<Endpoints | undefined>;
  /** REST of the console, with the admin key. `path` begins with `/v1`. */
  rest(path: string, init?: RequestInit): Promise<Response>;
  /** Registers a webhook over REST; the answer's body. Throws when it is not 201. */
  createWebhook(body: Record<string, unknown>): Promise<{ id: string; secret?: string }>;
  /** Rows by a statement as the owner of the database. */
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  /** A connection as the agent `node-1` of the tenant, by the legacy `nats` package: a client not of ours. */
  connectAgent(): Promise<NatsConnection>;
}

/** Starts a stack on free ports. `env` overrides the defaults, e.g. HOOKLINE_SWEEP_AFTER_MS. */
export async function startTestStack(env: Record<string, string> = {}): Promise<TestStack> {
  const folder = await tempDir('stack');
  const dataDir = join(folder.path, 'data');
  const stack = await startOnFreePorts({ ...env, HOOKLINE_DATA_DIR: dataDir }).catch(
    async (error) => {
      await folder[Symbol.asyncDispose]();
      throw error;
    },
  );
  return handleOf(stack.endpoints, dataDir, async () => {
    await stack.stop();
    await folder[Symbol.asyncDispose]();
  });
}

/** What tests do with a stack; `endpoints` may be those of one tenant of it. */
export function handleOf(
  endpoints: Endpoints,
  dataDir: string,
  release: () => Promise<void>,
): TestStack {
  const pool = new pg.Pool({ connectionString: endpoints.postgres, max: 2 });
  // A server killed by the test breaks idle connections; the pool makes new ones.
  pool.on('error', () => {});
  const rest = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${endpoints.http}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${endpoints.apiKey}`,
        ...(init.body !== undefined && { 'content-type': 'application/json' }),
        ...(init.headers as Record<string, string>),
      },
    });

  return {
    endpoints,
    dataDir,
    current: () => readEndpoints(dataDir),
    rest,
    async createWebhook(body) {
      const response = await rest('/v1/webhooks', { method: 'POST', body: JSON.stringify(body) });
      const text = await response.text();
      if (response.status !== 201) throw new Error(`webhook refused, ${response.status}: ${text}`);
      return JSON.parse(text) as { id: string; secret?: string };
    },
    query: (text, values) => pool.query(text, values),
    connectAgent: () =>
      connect({
        servers: endpoints.nats,
        authenticator: credsAuthenticator(readFileSync(endpoints.natsCreds as string)),
        inboxPrefix: endpoints.natsInboxPrefix,
        waitOnFirstConnect: true,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 200,
      }),
    async [Symbol.asyncDispose]() {
      await pool.end();
      await release();
    },
  };
}

/** A connection as any agent, whose account and credentials are made for the occasion. */
export async function connectAgentOf(stack: TestStack, agent: AgentName): Promise<NatsConnection> {
  const { authority } = await openAuthority(join(stack.dataDir, 'nats', 'authority.json'));
  const account = await createAgentAccount(authority, agent);
  const system = await connect({
    servers: stack.endpoints.nats,
    authenticator: credsAuthenticator(Buffer.from(await mintSystemCredentials(authority))),
  });
  try {
    await pushAccount({ request: async (...call) => await system.request(...call) }, account.jwt);
  } finally {
    await system.close();
  }
  const { creds } = await mintAgentCredentials(authority, agent);
  return await connect({
    servers: stack.endpoints.nats,
    authenticator: credsAuthenticator(Buffer.from(creds)),
    inboxPrefix: inboxPrefix(agent.tenant, agent.host),
    waitOnFirstConnect: true,
  });
}

const STARTS_MAX = 3;

/** Another process may take a port between the look and the start; then it is tried with others. */
async function startOnFreePorts(env: Record<string, string>): Promise<RunningLocalStack> {
  for (let start = 1; ; start += 1) {
    const config = envToConfig({
      ...process.env,
      HOOKLINE_PORT_OFFSET: String(await findFreePortOffset()),
      ...env,
    });
    try {
      return await startLocalStack(config);
    } catch (error) {
      const lost = error instanceof LocalStackError && /is taken by/.test(error.logLines.join());
      if (!lost || start === STARTS_MAX) throw error;
    }
  }
}
