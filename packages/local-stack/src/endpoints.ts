import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonFile, writePrivateFile } from './private-file.ts';

/** Every process of a stack. */
export type ProcessName =
  | 'producer-gateway'
  | 'subscription-service'
  | 'dispatcher'
  | 'dead-letter-monitor'
  | 'console'
  | 'postgres'
  | 'nats';

/** Where a running stack is reached and with which keys: `<data dir>/endpoints.json`, mode 0600. */
export interface Endpoints {
  readonly tenant: string;
  /** Admin key. */
  readonly apiKey: string;
  readonly publisherKey: string;
  /** URL of the console and the REST interface. */
  readonly http: string;
  /** URL of ingest over HTTP. */
  readonly ingest: string;
  /** Each host:port. */
  readonly grpc: {
    readonly subscriptions: string;
    readonly ingest: string;
    readonly deliveries: string;
    readonly deadLetters: string;
  };
  readonly nats: string;
  /** Path of credentials for tenant `default`, host `node-1`; null on a NATS that is not ours. */
  readonly natsCreds: string | null;
  readonly natsInboxPrefix: string;
  /** URL as owner of the database. */
  readonly postgres: string;
  /** Process ids; null for what this stack does not run itself. */
  readonly pids: Readonly<Record<ProcessName, number | null>>;
}

function endpointsPath(dataDir: string): string {
  return join(dataDir, 'endpoints.json');
}

export async function writeEndpoints(dataDir: string, endpoints: Endpoints): Promise<void> {
  await writePrivateFile(endpointsPath(dataDir), `${JSON.stringify(endpoints, undefined, 2)}\n`);
}

/** The endpoints of the stack that last became ready on this folder and was not stopped; else undefined. */
export async function readEndpoints(dataDir: string): Promise<Endpoints | undefined> {
  return (await readJsonFile(endpointsPath(dataDir))) as Endpoints | undefined;
}

/** A stopped stack has no endpoints. */
export async function removeEndpoints(dataDir: string): Promise<void> {
  await rm(endpointsPath(dataDir), { force: true });
}
