import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join, resolve } from 'node:path';
import type { Ports } from '@hookline/service-runtime';
import type { LocalStackConfig } from './config.ts';
import type { ProcessName } from './endpoints.ts';
import { LocalStackError } from './local-stack-error.ts';
import { type Child, describeExit, spawnChild } from './processes/child.ts';
import type { StackSecrets } from './secrets.ts';

/** One of the five services. */
export interface ServiceDefinition {
  readonly name: Exclude<ProcessName, 'postgres' | 'nats'>;
  /** The script that Node runs. */
  readonly script: string;
  readonly healthPort: keyof Ports;
}

/** The root of the repository. */
const ROOT = resolve(import.meta.dirname, '..', '..', '..');

export const services: readonly ServiceDefinition[] = [
  service('producer-gateway', 'producerGatewayHealth'),
  service('subscription-service', 'subscriptionServiceHealth'),
  service('dispatcher', 'dispatcherHealth'),
  service('dead-letter-monitor', 'deadLetterMonitorHealth'),
  service('console', 'consoleHealth'),
];

/** A cold start of all five takes about three seconds on two cores. */
const READY_TIMEOUT_MS = 60_000;

function service(name: ServiceDefinition['name'], healthPort: keyof Ports): ServiceDefinition {
  return { name, script: join(ROOT, 'services', name, 'src', 'main.ts'), healthPort };
}

/** Where the services find the servers. */
export interface ServiceSurroundings {
  readonly config: LocalStackConfig;
  readonly secrets: StackSecrets;
  readonly postgresUrl: string;
  readonly natsUrl: string;
  readonly natsCredsPath: string | undefined;
  readonly agentCredsPath: string | undefined;
  readonly authorityPath: string | undefined;
}

const COMPILE_CACHE = join(ROOT, 'node_modules', '.cache', 'node');

/** The environment of one service: everything of ours, with the stack's own settings over it. */
export function serviceEnvironment(
  definition: ServiceDefinition,
  surroundings: ServiceSurroundings,
): NodeJS.ProcessEnv {
  const { config, secrets, postgresUrl, natsUrl, natsCredsPath } = surroundings;
  const env: NodeJS.ProcessEnv = {
    ...config.env,
    HOOKLINE_DATA_DIR: config.dataDir,
    HOOKLINE_PORT_OFFSET: String(config.portOffset),
    HOOKLINE_BIND: config.bind,
    HOOKLINE_POSTGRES_URL: postgresUrl,
    HOOKLINE_NATS_URL: natsUrl,
    HOOKLINE_NATS_CREDS: natsCredsPath,
    HOOKLINE_ALLOW_SUBNETS: config.allowSubnets,
    HOOKLINE_MASTER_KEY: secrets.masterKey,
    HOOKLINE_SESSION_KEY: undefined,
    // What only one of them needs, the others do not get.
    HOOKLINE_BOOTSTRAP_API_KEY: undefined,
    HOOKLINE_BOOTSTRAP_PUBLISHER_KEY: undefined,
    HOOKLINE_BOOTSTRAP_AGENT_CREDS: undefined,
    HOOKLINE_NATS_AUTHORITY: undefined,
    HOOKLINE_HTTP_PROXY: undefined,
    // Five processes load the same modules: compiled once, each starts in two thirds of the time.
    NODE_COMPILE_CACHE: config.env.NODE_COMPILE_CACHE ?? COMPILE_CACHE,
    // A service is no part of the test run that may have started the stack.
    NODE_TEST_CONTEXT: undefined,
  };
  if (definition.name === 'subscription-service') {
    env.HOOKLINE_BOOTSTRAP_API_KEY = secrets.apiKey;
    env.HOOKLINE_BOOTSTRAP_PUBLISHER_KEY = secrets.publisherKey;
    env.HOOKLINE_BOOTSTRAP_AGENT_CREDS = surroundings.agentCredsPath;
    env.HOOKLINE_NATS_AUTHORITY = surroundings.authorityPath ?? config.env.HOOKLINE_NATS_AUTHORITY;
  }
  // It may hold the password of the proxy.
  if (definition.name === 'dispatcher') env.HOOKLINE_HTTP_PROXY = config.env.HOOKLINE_HTTP_PROXY;
  if (definition.name === 'console') {
    env.HOOKLINE_SESSION_KEY = config.env.HOOKLINE_SESSION_KEY ?? sessionKeyOf(secrets);
    // It faces browsers, and has nothing to open with it.
    env.HOOKLINE_MASTER_KEY = undefined;
    env.HOOKLINE_MASTER_KEYS_OLD = undefined;
  }
  return env;
}

/** Sessions outlive a restart of the stack; the master key cannot be told from it. */
function sessionKeyOf({ masterKey }: StackSecrets): string {
  return createHmac('sha256', masterKey).update('sessions of the console').digest('base64');
}

export interface LaunchOptions {
  readonly definition: ServiceDefinition;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** `/readyz` of the service. */
  readonly readyUrl: string;
  readonly onSpawn: (child: Child) => void;
}

/** Starts a service and waits until it is ready. Throws LocalStackError when it ends first, or takes too long. */
export async function launchService(options: LaunchOptions): Promise<void> {
  const { definition, env, logFile, readyUrl, onSpawn } = options;
  const child = spawnChild({
    name: definition.name,
    command: process.execPath,
    args: [definition.script],
    env,
    cwd: ROOT,
    logFile,
  });
  onSpawn(child);
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let answer = await readiness(readyUrl);
  while (answer !== 'ready') {
    if (child.hasExited()) {
      throw new LocalStackError(
        'service_failed',
        `${definition.name} ${describeExit(await child.exited)} before it was ready (log: ${logFile})`,
        child.logLines(10),
      );
    }
    if (performance.now() > deadline) {
      throw new LocalStackError(
        'service_not_ready',
        `${definition.name} is not ready after ${READY_TIMEOUT_MS / 1000} s: ${answer} (log: ${logFile})`,
        child.logLines(10),
      );
    }
    await new Promise((resume) => setTimeout(resume, 50));
    answer = await readiness(readyUrl);
  }
}

/** `ready`, or why not. */
function readiness(url: string): Promise<string> {
  return new Promise((settle) => {
    const request = get(url, { agent: false, timeout: 5000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body = (body + chunk).slice(0, 2000);
      });
      response.on('error', () => settle('no answer'));
      response.on('end', () => settle(response.statusCode === 200 ? 'ready' : body.trim()));
    });
    request.on('timeout', () => request.destroy(new Error('no answer in 5 s')));
    request.on('error', (error) => settle(error.message));
  });
}

/** Whether every service of this checkout is there; a partial one names what it lacks. */
export async function checkServicesExist(definitions: readonly ServiceDefinition[]): Promise<void> {
  for (const { name, script } of definitions) {
    await readFile(script).catch(() => {
      throw new LocalStackError(
        'service_missing',
        `${name} is missing from this checkout: ${script}`,
      );
    });
  }
}
