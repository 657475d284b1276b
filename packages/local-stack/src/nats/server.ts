import { Socket } from 'node:net';
import { join } from 'node:path';
import type { StoredAuthority } from '@hookline/nats-authority';
import { bracketed, callable } from '../host.ts';
import { LocalStackError } from '../local-stack-error.ts';
import { writePrivateFile } from '../private-file.ts';
import { type Child, describeExit, spawnChild } from '../processes/child.ts';
import type { NatsBinary } from './server-binary.ts';
import { natsServerConfig } from './server-config.ts';

export interface NatsOptions {
  readonly binary: NatsBinary;
  readonly host: string;
  readonly port: number;
  /** Holds the server's configuration and its store. */
  readonly folder: string;
  readonly logFile: string;
  readonly operatorMode?: StoredAuthority | undefined;
  readonly durable?: boolean;
  /** Called as soon as the process runs, before it is ready, so that it can be put on record. */
  readonly onSpawn?: (child: Child) => void;
}

export interface NatsServer {
  readonly child: Child;
  readonly url: string;
  stop(): Promise<void>;
}

/** Recovering large streams takes time; an empty store is ready in 50 ms. */
const READY_TIMEOUT_MS = 120_000;

/** Writes the configuration, starts nats-server and waits until it greets. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const { binary, host, port, folder, operatorMode, durable = true } = options;
  const config = join(folder, 'nats-server.conf');
  const storeDir = join(folder, 'store');
  await writePrivateFile(
    config,
    natsServerConfig({
      version: binary.version,
      host,
      port,
      storeDir,
      durable,
      ...(operatorMode === undefined ? {} : { operatorMode }),
    }),
  );
  const child = spawnChild({
    name: 'nats',
    command: binary.path,
    args: ['--config', config],
    cwd: folder,
    env: { PATH: process.env.PATH ?? '' },
    logFile: options.logFile,
  });
  options.onSpawn?.(child);
  const reachable = callable(host);
  const server: NatsServer = {
    child,
    url: `nats://${bracketed(reachable)}:${port}`,
    stop: async () => void (await child.stop({ signal: 'SIGTERM', graceMs: 15_000 })),
  };
  try {
    await greeting(server, { host: reachable, port });
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function greeting(server: NatsServer, at: { host: string; port: number }): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while ((await readNatsInfo(at, 1000)) === undefined) {
    if (server.child.hasExited()) {
      const exit = describeExit(await server.child.exited);
      throw new LocalStackError('nats_failed', `nats-server ${exit}`, server.child.logLines(10));
    }
    if (performance.now() > deadline) {
      const message = `nats-server is not ready after ${READY_TIMEOUT_MS / 1000} s`;
      throw new LocalStackError('nats_failed', message, server.child.logLines(10));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What a NATS server says of itself when one connects; undefined when nothing or no NATS server answers. */
export function readNatsInfo(
  at: { host: string; port: number },
  timeoutMs: number,
): Promise<{ version: string; jetstream?: boolean } | undefined> {
  return new Promise((resolve) => {
    const socket = new Socket();
    let received = '';
    const end = (info?: { version: string; jetstream?: boolean }) => {
      socket.destroy();
      resolve(info);
    };
    socket.setTimeout(timeoutMs, () => end());
    socket.on('error', () => end());
    socket.on('close', () => end());
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const line = /^INFO (\{.*\})\s*\r\n/.exec(received);
      if (line?.[1] !== undefined) {
        try {
          end(JSON.parse(line[1]));
        } catch {
          end();
        }
      } else if (received.length > 64 * 1024 || !'INFO '.startsWith(received.slice(0, 5))) end();
    });
    socket.connect(at.port, at.host);
  });
}
