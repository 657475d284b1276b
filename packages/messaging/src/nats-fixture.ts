import { type StreamDefinition, streamDefinitions } from '@hookline/contracts';
import { startTestNats, type TestNats } from '@hookline/testing';
import { connectNats, type Nats } from './connect.ts';
import type { LoggerPort } from './logger-port.ts';
import { ensureStreams } from './streams.ts';

/** A logger that keeps its lines. */
export function collectLogs(): LoggerPort & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (_context: object, message: string): void => void lines.push(message);
  return { lines, info: keep, warn: keep, error: keep };
}

export function definitionOf(name: StreamDefinition['name']): StreamDefinition {
  const definition = streamDefinitions.find((one) => one.name === name);
  if (definition === undefined) throw new Error(`no stream ${name}`);
  return definition;
}

export interface NatsFixture extends AsyncDisposable {
  readonly server: TestNats;
  readonly nats: Nats;
  readonly logs: ReturnType<typeof collectLogs>;
}

/** A server of its own with the streams made, and a service's connection to it. */
export async function openNatsFixture(): Promise<NatsFixture> {
  const server = await startTestNats();
  const logs = collectLogs();
  const nats = await connectNats({
    url: server.url,
    creds: server.servicesCreds,
    name: 'test',
    logger: logs,
  });
  await ensureStreams(nats.manager, streamDefinitions, logs);
  return {
    server,
    nats,
    logs,
    async [Symbol.asyncDispose]() {
      await nats.close();
      await server.stop();
    },
  };
}
