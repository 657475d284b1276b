import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type RunOptions, runCommand, runs } from './run-command.ts';
import { install } from './tools.ts';

/** A Docker engine, and how its programs are called. */
export interface Engine extends AsyncDisposable {
  /** Whether it was started for this run and ends with it. */
  readonly isOwn: boolean;
  /** Of `docker` and Compose, for them to speak with this engine. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs `docker` with these arguments and returns what it printed. */
  docker(args: readonly string[], options?: Pick<RunOptions, 'timeoutMs'>): Promise<string>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 90_000;

/** The engine that answers on this machine, if any does. */
export async function runningEngine(signal: AbortSignal): Promise<Engine | undefined> {
  if (!(await runs('docker', ['version', '--format', '{{.Server.Version}}'], { signal }))) {
    return undefined;
  }
  return {
    ...{ isOwn: false, env: {} },
    docker: (args, options) => runCommand('docker', args, { ...options, signal }),
    [Symbol.asyncDispose]: async () => {},
  };
}

/**
 * Starts an engine whose data, socket and processes are below `folder`. It leaves the machine's
 * firewall and routing as they are: Compose's own network needs neither, published ports are passed on
 * by a process, and images are built on the network of the machine. Only root can start one.
 */
export async function startEngine(folder: string, signal: AbortSignal): Promise<Engine> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'no Docker engine that has or can fetch the images answers, and only root can start one: start Docker, or run this command as root',
    );
  }
  if (!(await runs('dockerd', ['--version'], { signal }))) {
    await install(['docker.io', 'iptables'], signal);
  }
  const failures: string[] = [];
  // vfs copies every layer whole: slow and large, for kernels and folders without overlays.
  for (const driver of ['overlay2', 'vfs']) {
    const engine = await tryToStart(join(folder, driver), { driver, signal });
    if (typeof engine !== 'string') {
      console.log(`started an engine of our own, storage driver ${driver}`);
      return engine;
    }
    failures.push(`with ${driver}: ${engine}`);
  }
  throw new Error(`dockerd does not start on this machine:\n${failures.join('\n')}`);
}

/** The engine, or the last lines of its log when it does not come up. */
async function tryToStart(
  folder: string,
  { driver, signal }: { readonly driver: string; readonly signal: AbortSignal },
): Promise<Engine | string> {
  await mkdir(folder, { recursive: true });
  const logFile = join(folder, 'dockerd.log');
  const host = `unix://${join(folder, 'docker.sock')}`;
  const log = openSync(logFile, 'a');
  const daemon = spawn(
    'dockerd',
    [
      ...['--host', host, '--pidfile', join(folder, 'docker.pid')],
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
      ...['--storage-driver', driver, '--bridge', 'none', '--iptables=false', '--ip-forward=false'],
    ],
    // A group of its own: Ctrl-C must not end it before the containers are taken down.
    { stdio: ['ignore', log, log], detached: true },
  );
  const ended = once(daemon, 'exit').then(() => true);
  const env = { DOCKER_HOST: host, DOCKER_BUILDKIT: '0' };
  const stop = async () => {
    if (daemon.exitCode === null) daemon.kill('SIGTERM');
    const inTime = await Promise.race([ended, delay(STOP_TIMEOUT_MS, false, { ref: false })]);
    if (!inTime) daemon.kill('SIGKILL');
    await ended;
    // The engine leaves the network namespace that it keeps for itself mounted.
    await runs('umount', [join(folder, 'exec', 'netns', 'default')]);
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (await runs('docker', ['version'], { env })) {
      return {
        ...{ isOwn: true, env },
        docker: (args, options) => runCommand('docker', args, { ...options, env, signal }),
        [Symbol.asyncDispose]: stop,
      };
    }
    if (signal.aborted || daemon.exitCode !== null) break;
    await delay(300);
  }
  const lines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-3).join('\n');
  await stop();
  signal.throwIfAborted();
  return lines;
}
