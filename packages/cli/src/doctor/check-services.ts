import { Client, type ServiceError } from '@grpc/grpc-js';
import { ListSubscriptionsRequest, SubscriptionServiceService } from '@hookline/contracts';
import {
  createGrpcClient,
  fromGrpcError,
  grpcClientCredentials,
} from '@hookline/service-runtime/grpc-client';
import type { Addresses, Server } from '../server/find-server.ts';
import { message } from '../server/request.ts';
import { type Finding, fault, ok, reasonOf, skipped } from './finding.ts';

const DEADLINE_MS = 5_000;

const SERVICES: Readonly<
  Record<keyof Addresses, { readonly name: string; readonly variable: string }>
> = {
  subscriptions: { name: 'subscription service', variable: 'HOOKLINE_SUBSCRIPTIONS_ADDRESS' },
  ingest: { name: 'producer gateway', variable: 'HOOKLINE_INGEST_ADDRESS' },
  deliveries: { name: 'dispatcher', variable: 'HOOKLINE_DELIVERIES_ADDRESS' },
  deadLetters: { name: 'dead-letter monitor', variable: 'HOOKLINE_DEAD_LETTERS_ADDRESS' },
};

/** Asks each service by the standard health protocol, which needs no key. */
export async function checkServices({ addresses, tlsCaPath }: Server): Promise<Finding[]> {
  const checks = Object.entries(SERVICES).map(([key, { name, variable }]) =>
    checkHealth({ name, variable, address: addresses[key as keyof Addresses], tlsCaPath }),
  );
  return await Promise.all(checks);
}

interface Target {
  readonly name: string;
  readonly variable: string;
  readonly address: string;
  readonly tlsCaPath: string | undefined;
}

async function checkHealth({ name, variable, address, tlsCaPath }: Target): Promise<Finding> {
  const check = `gRPC ${name}`;
  try {
    const state = await askHealth(address, tlsCaPath);
    if (state === SERVING) return ok(check, `${address} serves`);
    return fault(
      check,
      `${address} answers that it does not serve`,
      `look into its log: what it waits for, PostgreSQL or NATS, is said there`,
    );
  } catch (error) {
    const mend = `start it (npx pnpm start, or its service), or correct ${variable}; over TLS set HOOKLINE_GRPC_TLS_CA`;
    return fault(
      check,
      `${address} cannot be reached: ${(error as ServiceError).details ?? reasonOf(error)}`,
      mend,
    );
  }
}

/** `HealthCheckResponse.ServingStatus` of `grpc.health.v1`. */
const SERVING = 1;

/** The empty request asks for the whole server; field 1 of the answer, a number under 128, is two bytes. */
async function askHealth(address: string, tlsCaPath: string | undefined): Promise<number> {
  const client = new Client(address, await grpcClientCredentials(tlsCaPath));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  client.makeUnaryRequest<Buffer, Buffer>(
    '/grpc.health.v1.Health/Check',
    (bytes) => bytes,
    (bytes) => bytes,
    Buffer.alloc(0),
    { deadline: Date.now() + DEADLINE_MS },
    (error, bytes) => (error === null ? resolve(bytes ?? Buffer.alloc(0)) : reject(error)),
  );
  try {
    return (await promise)[1] ?? 0;
  } finally {
    client.close();
  }
}

/** Whether the key is one, by a call that every role but publisher may make. */
export async function checkKey({ apiKey, addresses, tlsCaPath }: Server): Promise<Finding> {
  if (apiKey === undefined) {
    return fault('API key', 'none is known', 'set HOOKLINE_API_KEY, or give --api-key');
  }
  const credentials = await grpcClientCredentials(tlsCaPath);
  const client = createGrpcClient(SubscriptionServiceService, {
    address: addresses.subscriptions,
    credentials,
    deadlineMs: DEADLINE_MS,
  });
  try {
    await client.listSubscriptions(message(ListSubscriptionsRequest, { pageSize: 1 }), { apiKey });
    return ok('API key', 'it is valid, and may read');
  } catch (error) {
    const refusal = fromGrpcError(error);
    if (refusal?.code === 'unauthenticated') {
      return fault(
        'API key',
        'it is not valid: unknown, revoked or expired',
        'set HOOKLINE_API_KEY to another; an admin makes one with keys create',
      );
    }
    if (refusal?.code === 'permission_denied') {
      return fault(
        'API key',
        'it is valid, and its role may only publish',
        'use one with role viewer, editor or admin for what is not publishing',
      );
    }
    return skipped('API key', `it cannot be checked: ${refusal?.message ?? reasonOf(error)}`);
  } finally {
    client.close();
  }
}
