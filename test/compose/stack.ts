import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoints } from '@hookline/local-stack';
import { eventually } from '@hookline/testing';
import { type Container, faultOf, listContainers } from './containers.ts';
import type { Engine } from './engine.ts';
import { runCommand } from './run-command.ts';
import type { ComposeCommand } from './tools.ts';

export interface StackOptions {
  readonly engine: Engine;
  readonly compose: ComposeCommand;
  /** For docker-compose.yml, over this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly services: readonly string[];
  /** A folder for what is copied out of containers. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The containers of docker-compose.yml. */
export interface ComposeStack extends AsyncDisposable {
  readonly engine: Engine;
  /** Brings up what is not; resolves when every container is healthy. */
  up(): Promise<void>;
  /** Resolves when every container is healthy. */
  healthy(): Promise<void>;
  containers(): Promise<readonly Container[]>;
  container(service: string): Promise<Container>;
  /** Addresses and keys, with the agent's credentials copied to this machine. */
  endpoints(): Promise<Endpoints>;
}

/** A project of its own, so that a stack in use on the same engine is left alone. */
const PROJECT = 'hookline-compose-test';
const UP_TIMEOUT_MS = 600_000;
const HEALTHY_TIMEOUT_MS = 240_000;
const DOWN_TIMEOUT_MS = 180_000;

export function createStack(options: StackOptions): ComposeStack {
  const { engine, signal, services, folder } = options;
  const [program, ...words] = options.compose;
  const env = { ...options.env, ...engine.env };
  const compose = (args: readonly string[], timeoutMs: number, signalled: boolean) =>
    runCommand(program, [...words, '--project-name', PROJECT, ...profiles(), ...args], {
      env,
      timeoutMs,
      ...(signalled && { signal }),
    });
  const containers = () => listContainers(engine, PROJECT);

  const stack: ComposeStack = {
    engine,
    containers,
    async up() {
      await compose(['up', '--detach', '--no-build', ...services], UP_TIMEOUT_MS, true);
      await stack.healthy();
    },
    async healthy() {
      const all = async () => {
        signal.throwIfAborted();
        const faults = (await containers()).map(faultOf).filter((fault) => fault !== undefined);
        if (faults.length > 0) throw new Error(`not every container is well: ${faults.join(', ')}`);
      };
      await eventually(all, { timeoutMs: HEALTHY_TIMEOUT_MS, intervalMs: 500 }).catch(
        async (error) => {
          throw new Error(`${error.message}\n${await logs()}`, { cause: error });
        },
      );
    },
    async container(service) {
      const found = (await containers()).find((container) => container.service === service);
      if (found === undefined) throw new Error(`there is no container of ${service}`);
      return found;
    },
    async endpoints() {
      const { id } = await stack.container('console');
      for (const name of ['endpoints.json', 'default.node-1.creds']) {
        await engine.docker(['cp', `${id}:/etc/hookline/${name}`, join(folder, name)]);
      }
      const read = JSON.parse(await readFile(join(folder, 'endpoints.json'), 'utf8')) as Endpoints;
      return { ...read, natsCreds: join(folder, 'default.node-1.creds') };
    },
    async [Symbol.asyncDispose]() {
      await compose(['down', '--volumes', '--remove-orphans'], DOWN_TIMEOUT_MS, false);
    },
  };
  return stack;

  /** The last lines of the containers that are not well. */
  async function logs(): Promise<string> {
    const ill = (await containers()).filter((container) => faultOf(container) !== undefined);
    const parts = ill.map(async ({ id, service }) => {
      const text = await runCommand('sh', ['-c', 'docker logs --tail 15 "$1" 2>&1', 'sh', id], {
        env,
      });
      return `--- ${service}\n${text}`;
    });
    return (await Promise.all(parts)).join('\n');
  }
}

function profiles(): readonly string[] {
  return ['observability', 'mail', 'demo'].flatMap((name) => ['--profile', name]);
}
