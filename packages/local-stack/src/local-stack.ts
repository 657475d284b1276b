import { inboxPrefix } from '@hookline/contracts';
import { migrate } from '@hookline/event-log';
import type { LocalStackConfig } from './config.ts';
import { type EmbeddedOptions, type NatsAddress, natsOf, postgresOf } from './embedded-servers.ts';
import type { Endpoints } from './endpoints.ts';
import { bracketed, callable } from './host.ts';
import { LocalStackError } from './local-stack-error.ts';
import { FIRST_AGENT } from './nats/credential-files.ts';
import { createDataDir, prepare } from './prepare.ts';
import { launcherChain } from './processes/launchers.ts';
import { lockDataDir } from './processes/run-record.ts';
import { createRunState } from './run-state.ts';
import { openSecrets, type StackSecrets } from './secrets.ts';
import {
  launchService,
  type ServiceDefinition,
  type ServiceSurroundings,
  serviceEnvironment,
  services as theServices,
} from './services.ts';
import { createStackProcesses } from './stack-processes.ts';

export interface LocalStackHooks {
  /** One line for a person about what goes on; nothing secret. */
  readonly onProgress?: (line: string) => void;
  /** Other scripts in place of the five services, for tests of the stack itself. */
  readonly services?: readonly ServiceDefinition[];
  /** In place of the event log's migrations, likewise. */
  readonly migrate?: (ownerUrl: string) => Promise<unknown>;
}

/** A stack that one can also stop in the middle of its start. */
export interface LocalStack {
  /** Brings everything up; when that fails, takes down what came up and throws. */
  start(): Promise<Endpoints>;
  stop(): Promise<void>;
  /** Ends everything at once, also in the middle of a stop. What was committed is kept. */
  kill(): Promise<void>;
}

export function createLocalStack(
  config: LocalStackConfig,
  hooks: LocalStackHooks = {},
): LocalStack {
  const { onProgress = () => {}, services = theServices } = hooks;
  const { dataDir } = config;
  const processes = createStackProcesses({ dataDir, onProgress, onChange: () => state.changed() });
  const state = createRunState({ dataDir, launchers: launcherChain(), processes: processes.list });
  let lock: Disposable | undefined;
  let starting: Promise<Endpoints> | undefined;
  let stopping: Promise<void> | undefined;

  /** A start ends at the next of these when a stop was asked for meanwhile. */
  const checkpoint = () => {
    if (stopping !== undefined) throw stoppedError();
  };
  const startService = (definition: ServiceDefinition, surroundings: ServiceSurroundings) =>
    processes.start(definition.name, (onSpawn) =>
      launchService({
        definition,
        env: serviceEnvironment(definition, surroundings),
        logFile: processes.logFile(definition.name),
        readyUrl: `http://${hostPort(config, config.ports[definition.healthPort])}/readyz`,
        onSpawn,
      }),
    );

  const startAll = async (): Promise<Endpoints> => {
    createDataDir(dataDir);
    lock = await lockDataDir(dataDir);
    const { natsBinary } = await prepare(config, { services, onProgress });
    checkpoint();
    state.changed();
    const secrets = await openSecrets(dataDir, {
      apiKey: config.bootstrapApiKey,
      masterKey: config.masterKey,
      masterKeysOld: config.masterKeysOld,
    });
    checkpoint();
    const embedded: EmbeddedOptions = { config, secrets, natsBinary, processes, onProgress };
    const [postgresUrl, nats] = await Promise.all([postgresOf(embedded), natsOf(embedded)]);
    checkpoint();
    await (hooks.migrate ?? migrate)(config.postgresOwnerUrl ?? postgresUrl);
    checkpoint();
    onProgress('starting the services');
    const surroundings = { config, secrets, postgresUrl, ...nats };
    await Promise.all(services.map((definition) => startService(definition, surroundings)));
    checkpoint();
    return await state.publish(endpointsOf(config, secrets, { postgresUrl, ...nats }));
  };

  const stopAll = async () => {
    await processes.stop();
    // A start in progress may have brought up one more before it saw the stop.
    await starting?.catch(() => {});
    await processes.stop();
    if (lock === undefined) return;
    await state.clear();
    lock[Symbol.dispose]();
  };
  const stop = () => {
    stopping ??= stopAll();
    return stopping;
  };

  return {
    start() {
      starting ??= startAll();
      return starting.catch(async (error: unknown) => {
        // What fails once a stop was asked for fails because of it.
        const asked = stopping !== undefined;
        await stop();
        throw asked ? stoppedError() : error;
      });
    },
    stop,
    kill() {
      const stopped = stop();
      processes.kill();
      return stopped;
    },
  };
}

function stoppedError(): LocalStackError {
  return new LocalStackError('stopped', 'stopped before it was ready');
}

/** A running stack. */
export interface RunningLocalStack extends AsyncDisposable {
  readonly endpoints: Endpoints;
  stop(): Promise<void>;
}

/** Starts a stack in this process, for tests and the demo. Throws LocalStackError when it cannot be brought up. */
export async function startLocalStack(
  config: LocalStackConfig,
  hooks: LocalStackHooks = {},
): Promise<RunningLocalStack> {
  const stack = createLocalStack(config, hooks);
  const endpoints = await stack.start();
  return { endpoints, stop: stack.stop, [Symbol.asyncDispose]: stack.stop };
}

function hostPort(config: LocalStackConfig, port: number): string {
  return `${bracketed(callable(config.bind))}:${port}`;
}

function endpointsOf(
  config: LocalStackConfig,
  secrets: StackSecrets,
  at: NatsAddress & { readonly postgresUrl: string },
): Omit<Endpoints, 'pids'> {
  const { ports } = config;
  return {
    tenant: FIRST_AGENT.tenant,
    apiKey: secrets.apiKey,
    publisherKey: secrets.publisherKey,
    http: `http://${hostPort(config, ports.console)}`,
    ingest: `http://${hostPort(config, ports.ingest)}`,
    grpc: {
      subscriptions: hostPort(config, ports.subscriptionsGrpc),
      ingest: hostPort(config, ports.ingestGrpc),
      deliveries: hostPort(config, ports.deliveriesGrpc),
      deadLetters: hostPort(config, ports.deadLettersGrpc),
    },
    nats: at.natsUrl,
    natsCreds: at.agentCredsPath ?? null,
    natsInboxPrefix: inboxPrefix(FIRST_AGENT.tenant, FIRST_AGENT.host),
    postgres: config.postgresOwnerUrl ?? at.postgresUrl,
  };
}
