import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Endpoints,
  envToConfig,
  findFreePortOffset,
  readEndpoints,
  startLocalStack,
} from '@hookline/local-stack';
import { tempDir } from '@hookline/testing';
import { connect, credsAuthenticator, type NatsConnection } from 'nats';

/** A whole Hookline of the test's own: embedded servers, five processes, a temporary data folder. */
export interface TestStack extends AsyncDisposable {
  readonly endpoints: Endpoints;
  readonly dataDir: string;
  /** The endpoints as they are now; pids change when a process is restarted. */
  current(): Promise<Endpoints | undefined>;
  /** REST of the console, with the admin key. `path` begins with `/v1`. */
  rest(path: string, init?: RequestInit): Promise<Response>;
  /** Registers a webhook over REST; the answer's body. Throws when it is not 201. */
  createWebhook(body: Record<string, unknown>): Promise<{ id: string; secret?: string }>;
  /** A connection as the agent `node-1` of tenant `default`, by the legacy `nats` package: a client not of ours. */
  connectAgent(): Promise<NatsConnection>;
}

/** Starts a stack on free ports. `env` overrides the defaults, e.g. HOOKLINE_SWEEP_AFTER_MS. */
export async function startTestStack(env: Record<string, string> = {}): Promise<TestStack> {
  const folder = await tempDir('stack');
  const dataDir = join(folder.path, 'data');
  const config = envToConfig({
    ...process.env,
    HOOKLINE_DATA_DIR: dataDir,
    HOOKLINE_PORT_OFFSET: String(await findFreePortOffset()),
    HOOKLINE_LOG_LEVEL: 'info',
    ...env,
  });
  const stack = await startLocalStack(config);
  const { endpoints } = stack;

  async function rest(path: string, init: RequestInit = {}): Promise<Response> {
    return await fetch(`${endpoints.http}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${endpoints.apiKey}`,
        ...(init.body !== undefined && { 'content-type': 'application/json' }),
        ...(init.headers as Record<string, string>),
      },
    });
  }

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
    connectAgent: () =>
      connect({
        servers: endpoints.nats,
        authenticator: credsAuthenticator(readFileSync(endpoints.natsCreds as string)),
        inboxPrefix: endpoints.natsInboxPrefix,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 200,
      }),
    async [Symbol.asyncDispose]() {
      await stack.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}
