import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { DomainError, readErrorReason } from '@hookline/contracts';
import { FORWARDED_FOR, fromGrpcError } from '@hookline/service-runtime';
import type { FastifyRequest } from 'fastify';
import { restFieldOf } from './rest/field-names.ts';

/** One method as ts-proto describes it. */
interface UnaryMethod<Q, S> {
  readonly path: string;
  readonly requestSerialize: (message: Q) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => S;
}

export interface GrpcClient {
  /**
   * Makes one call on behalf of a REST request: its key and its trace go along, and it is cancelled
   * when nobody waits for the answer any more.
   *
   * @throws DomainError with the fields named as REST names them; a fault of the service passes
   * through and is a fault of ours.
   */
  call<Q, S>(request: FastifyRequest, method: UnaryMethod<Q, S>, message: Q): Promise<S>;
}

export interface GrpcClients {
  readonly subscriptions: GrpcClient;
  readonly deliveries: GrpcClient;
  close(): void;
}

const CALL_TIMEOUT_MS = 10_000;

const CHANNEL_OPTIONS = {
  // A service that comes back is found within two seconds, not within the default's two minutes.
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.keepalive_time_ms': 60_000,
  'grpc.max_receive_message_length': 8 * 1024 * 1024,
};

/** Clients of the services, by host:port. Connections are made with the first call. */
export function createGrpcClients(
  addresses: { readonly subscriptions: string; readonly deliveries: string },
  // Plain text, for the loopback and for a mesh that encrypts.
  channel: ChannelCredentials = credentials.createInsecure(),
): GrpcClients {
  const open = (address: string) => new Client(address, channel, CHANNEL_OPTIONS);
  const subscriptions = open(addresses.subscriptions);
  const deliveries = open(addresses.deliveries);
  return {
    subscriptions: callerOf(subscriptions),
    deliveries: callerOf(deliveries),
    close() {
      subscriptions.close();
      deliveries.close();
    },
  };
}

function callerOf(client: Client): GrpcClient {
  return {
    call: <Q, S>(request: FastifyRequest, method: UnaryMethod<Q, S>, message: Q) =>
      new Promise<S>((resolve, reject) => {
        const metadata = metadataOf(request);
        const { path, requestSerialize, responseDeserialize } = method;
        const options = { deadline: Date.now() + CALL_TIMEOUT_MS };
        const { socket } = request.raw;
        const done = (error: ServiceError | null, response?: S): void => {
          socket.off('close', cancel);
          if (error === null) resolve(response as S);
          else reject(translate(error));
        };
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          message,
          metadata,
          options,
          done,
        );
        const cancel = (): void => call.cancel();
        socket.once('close', cancel);
      }),
  };
}

function metadataOf({ headers, ip }: FastifyRequest): Metadata {
  const { authorization, traceparent } = headers;
  if (authorization === undefined || !/^Bearer +[\x21-\x7e]{1,512} *$/i.test(authorization)) {
    throw new DomainError(
      'unauthenticated',
      'an API key is needed: send the header `Authorization: Bearer hk_…`',
    );
  }
  const metadata = new Metadata();
  metadata.set('authorization', authorization);
  // For the audit log; the services believe it of a console on the same machine.
  metadata.set(FORWARDED_FOR, ip.replace(/^::ffff:/i, ''));
  if (typeof traceparent === 'string' && /^[0-9a-f-]{55}$/.test(traceparent)) {
    metadata.set('traceparent', traceparent);
  }
  return metadata;
}

function translate(error: ServiceError): unknown {
  const refusal = fromGrpcError(error);
  if (refusal === undefined) return error;
  // Without a reason it is not the service that speaks but the connection to it.
  if (refusal.code === 'unavailable' && readErrorReason(error) === undefined) {
    return new DomainError(
      'unavailable',
      'the service behind this cannot be reached at the moment; try again in a few seconds',
      { retryAfterMs: 2_000, cause: error },
    );
  }
  const { code, message, retryAfterMs } = refusal;
  const fields = refusal.fields.map(({ field, detail }) => ({ field: restFieldOf(field), detail }));
  const summary = fields.map(({ field, detail }) =>
    field === '' ? detail : `${field}: ${detail}`,
  );
  return new DomainError(code, summary.length === 0 ? message : summary.join('; '), {
    fields,
    cause: error,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
