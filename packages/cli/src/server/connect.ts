import { resolve } from 'node:path';
import {
  AdminServiceService,
  DeadLetterServiceService,
  DeliveryServiceService,
  SubscriptionServiceService,
} from '@hookline/contracts';
import { readEndpoints } from '@hookline/local-stack/endpoints';
import {
  createGrpcClient,
  type GrpcCallOptions,
  type GrpcClient,
  grpcClientCredentials,
} from '@hookline/service-runtime/grpc-client';
import type { Context } from '../context.ts';
import { findServer, type Server } from './find-server.ts';

/** The flags by which a command finds its server. */
export interface ServerFlags {
  readonly server: URL | undefined;
  readonly 'api-key': string | undefined;
  readonly 'data-dir': string | undefined;
}

export interface Connection extends Disposable {
  readonly server: Server;
  readonly subscriptions: GrpcClient<typeof SubscriptionServiceService>;
  readonly admin: GrpcClient<typeof AdminServiceService>;
  readonly deliveries: GrpcClient<typeof DeliveryServiceService>;
  readonly deadLetters: GrpcClient<typeof DeadLetterServiceService>;
  /** What goes with every call: the key, and Ctrl-C. */
  readonly call: GrpcCallOptions;
}

/** @throws UsageError, NoServerError */
export async function locate(flags: ServerFlags, { env }: Context): Promise<Server> {
  const dataDir = resolve(flags['data-dir'] ?? (env.HOOKLINE_DATA_DIR || '.hookline'));
  return findServer({
    url: flags.server,
    apiKey: flags['api-key'],
    env,
    endpoints: await readEndpoints(dataDir),
    dataDir,
  });
}

/** Clients of every service; connections are made with the first call. */
export async function connect(flags: ServerFlags, context: Context): Promise<Connection> {
  const server = await locate(flags, context);
  const { addresses, apiKey, tlsCaPath } = server;
  const credentials = await grpcClientCredentials(tlsCaPath);
  const open = <S extends Parameters<typeof createGrpcClient>[0]>(definition: S, address: string) =>
    createGrpcClient(definition, { address, credentials, messageBytesMax: MESSAGE_BYTES_MAX });
  const clients = {
    subscriptions: open(SubscriptionServiceService, addresses.subscriptions),
    admin: open(AdminServiceService, addresses.subscriptions),
    deliveries: open(DeliveryServiceService, addresses.deliveries),
    deadLetters: open(DeadLetterServiceService, addresses.deadLetters),
  };
  return {
    server,
    ...clients,
    call: { signal: context.signal, ...(apiKey !== undefined && { apiKey }) },
    [Symbol.dispose]() {
      for (const client of Object.values(clients)) client.close();
    },
  };
}

/** A page of events holds 2 MiB of payloads at most, or a single one of 256 KiB. */
const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
