import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { streamDefinitions } from '@hookline/contracts';
import { connectNats, inspectStream, type LoggerPort, type Nats } from '@hookline/messaging';
import { type Finding, fault, ok, reasonOf, skipped } from './finding.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** From here on a stream is about to refuse what is published, or to drop the oldest wake-ups. */
const FULL_SHARE = 0.9;

export interface NatsTarget {
  readonly url: string | undefined;
  /** Credentials of the services; undefined without any. */
  readonly credsPath: string | undefined;
}

/** Where the credentials of the services are: as the variable says, else those of the stack. */
export function servicesCreds(given: string | undefined, dataDir: string): string | undefined {
  if (given !== undefined) return given;
  const own = join(dataDir, 'nats', 'services.creds');
  return existsSync(own) ? own : undefined;
}

/** NATS and every stream of ours. Nothing is changed. */
export async function checkNats({ url, credsPath }: NatsTarget): Promise<Finding[]> {
  if (url === undefined) {
    const text = 'no NATS is known; HOOKLINE_NATS_URL says where it is';
    return [skipped('NATS', text), skipped('streams', text)];
  }
  const said: string[] = [];
  const note = (_context: object, text: string) => void said.push(text);
  const logger: LoggerPort = { info: note, warn: note, error: note };
  let nats: Nats;
  try {
    const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    nats = await connectNats({ url, credsPath, name: 'hookline-doctor', logger, signal });
  } catch {
    const mend = 'start nats-server, or correct HOOKLINE_NATS_URL and HOOKLINE_NATS_CREDS';
    return [
      fault('NATS', said[0] ?? `no answer within ${CONNECT_TIMEOUT_MS / 1_000} s`, mend),
      skipped('streams', 'NATS cannot be reached'),
    ];
  }
  try {
    const version = nats.connection.info?.version ?? 'an unknown version';
    const streams = streamDefinitions.map((definition) => checkStream(nats, definition));
    return [
      ok('NATS', `${version} at ${new URL(url.split(',')[0] ?? url).host}`),
      ...(await Promise.all(streams)),
    ];
  } finally {
    await nats.close();
  }
}

async function checkStream(
  { manager }: Nats,
  definition: (typeof streamDefinitions)[number],
): Promise<Finding> {
  const check = `stream ${definition.name}`;
  try {
    const state = await inspectStream(manager, definition);
    switch (state.kind) {
      case 'missing':
        return fault(
          check,
          'it is not there',
          'start the services: each makes the streams that it needs, and accepted events are published again from PostgreSQL',
        );
      case 'different':
        return fault(
          check,
          `its ${state.fields.join(', ')} is not as it must be`,
          `delete it (nats stream rm ${definition.name}) while the services run: they make it anew, and accepted events are published again from PostgreSQL`,
        );
      case 'sound':
        return checkRoom(check, state);
    }
  } catch (error) {
    return fault(
      check,
      `it cannot be looked at: ${reasonOf(error)}`,
      'use credentials of the services (HOOKLINE_NATS_CREDS), and a NATS with JetStream',
    );
  }
}

function checkRoom(
  check: string,
  { bytes, bytesMax }: { readonly bytes: number; readonly bytesMax: number },
): Finding {
  const percent = Math.floor((bytes / bytesMax) * 100);
  if (bytes < bytesMax * FULL_SHARE) return ok(check, `${percent}% full`);
  return fault(
    check,
    `it is ${percent}% full`,
    'look at what should read it: the gateway for INGEST, the dispatchers for EVENTS; more dispatchers read faster',
  );
}
