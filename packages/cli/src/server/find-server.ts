import type { Endpoints } from '@hookline/local-stack/endpoints';
import { UsageError, type UsageFault } from '../command/usage-error.ts';
import type { Environment } from '../context.ts';

/** Where a Hookline is, and with which key to call it. */
export interface Server {
  /** The console's URL; undefined when only addresses of gRPC are known. */
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  readonly addresses: Addresses;
  /** PEM file of the authority to trust; undefined: plain text. */
  readonly tlsCaPath: string | undefined;
  /** The stack's own endpoints, when it is the one that is called. */
  readonly endpoints: Endpoints | undefined;
}

/** host:port of each gRPC service. */
export interface Addresses {
  readonly subscriptions: string;
  readonly ingest: string;
  readonly deliveries: string;
  readonly deadLetters: string;
}

export interface FindServer {
  /** Of the flags. */
  readonly url?: URL | undefined;
  readonly apiKey?: string | undefined;
  readonly env: Environment;
  /** Of the stack that runs on the data folder, if one does. */
  readonly endpoints: Endpoints | undefined;
  readonly dataDir: string;
}

/** No Hookline to call is known. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError';
}

const VARIABLES: Readonly<Record<keyof Addresses, string>> = {
  subscriptions: 'HOOKLINE_SUBSCRIPTIONS_ADDRESS',
  ingest: 'HOOKLINE_INGEST_ADDRESS',
  deliveries: 'HOOKLINE_DELIVERIES_ADDRESS',
  deadLetters: 'HOOKLINE_DEAD_LETTERS_ADDRESS',
};
/** The default ports; a stack that is moved has all of them moved by as much. */
const CONSOLE_PORT = 8_080;
const GRPC_PORTS: Readonly<Record<keyof Addresses, number>> = {
  subscriptions: 50_051,
  ingest: 50_052,
  deliveries: 50_053,
  deadLetters: 50_054,
};
const PORT_MAX = 65_535;
const ADDRESS = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([1-9]\d{0,4})$/;

/**
 * A URL from a flag or HOOKLINE_URL goes before the stack that runs on the data folder; the stack's
 * key is sent to that stack alone.
 *
 * @throws UsageError for a variable that cannot be read, NoServerError when nothing is known
 */
export function findServer(given: FindServer): Server {
  const { env, endpoints } = given;
  const faults: UsageFault[] = [];
  const url = given.url ?? readUrl(env, faults);
  const own = readAddresses(env, faults);
  if (faults.length > 0) throw new UsageError(faults);
  const apiKey = given.apiKey ?? (env.HOOKLINE_API_KEY || undefined);
  const tlsCaPath = env.HOOKLINE_GRPC_TLS_CA || undefined;
  const isStack = url === undefined || (endpoints !== undefined && isSame(url, endpoints.http));
  if (isStack && endpoints !== undefined) {
    const addresses = { ...endpoints.grpc, ...own };
    return {
      url: endpoints.http,
      apiKey: apiKey ?? endpoints.apiKey,
      addresses,
      tlsCaPath,
      endpoints,
    };
  }
  const complete = Object.keys(own).length === Object.keys(VARIABLES).length;
  if (url === undefined && !complete) throw noServer(given.dataDir);
  const addresses = { ...(url === undefined ? undefined : addressesOf(url)), ...own } as Addresses;
  return { url: url?.origin, apiKey, addresses, tlsCaPath, endpoints: undefined };
}

function readUrl(env: Environment, faults: UsageFault[]): URL | undefined {
  const text = env.HOOKLINE_URL ?? '';
  if (text === '') return undefined;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '') return url;
  const detail = `${JSON.stringify(text)} is not an http or https URL such as http://127.0.0.1:8080`;
  faults.push({ subject: 'HOOKLINE_URL', detail });
  return undefined;
}

function readAddresses(env: Environment, faults: UsageFault[]): Partial<Addresses> {
  const found = Object.entries(VARIABLES).flatMap(([key, name]) => {
    const text = env[name] ?? '';
    if (text === '') return [];
    if (Number(ADDRESS.exec(text)?.[2] ?? PORT_MAX + 1) <= PORT_MAX) return [[key, text]];
    const detail = `${JSON.stringify(text)} is not host:port, such as 127.0.0.1:50051`;
    faults.push({ subject: name, detail });
    return [];
  });
  return Object.fromEntries(found);
}

/** The same host, its gRPC ports moved as the console's is; behind a proxy on 80 or 443 they are not. */
function addressesOf(url: URL): Addresses {
  const offset = url.port === '' ? 0 : Number(url.port) - CONSOLE_PORT;
  const moved = Object.values(GRPC_PORTS).every(
    (port) => port + offset > 0 && port + offset <= PORT_MAX,
  );
  const entries = Object.entries(GRPC_PORTS).map(([key, port]) => [
    key,
    `${url.hostname}:${port + (moved ? offset : 0)}`,
  ]);
  return Object.fromEntries(entries);
}

function isSame(url: URL, other: string): boolean {
  return url.origin === new URL(other).origin;
}

function noServer(dataDir: string): NoServerError {
  return new NoServerError(
    `no Hookline is known: none runs on ${dataDir}. Start one (npx pnpm start), name its folder with --data-dir, or set HOOKLINE_URL and HOOKLINE_API_KEY`,
  );
}
