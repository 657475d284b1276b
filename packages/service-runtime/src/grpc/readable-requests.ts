import { DomainError } from '@hookline/contracts';
import type { GrpcInvoke, GrpcServiceDefinition } from './grpc-call.ts';

/** Stands for a request whose bytes are no message of its type. */
class UnreadableRequest {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * The service with requests that are read in any case: grpc-js would answer bytes that cannot be
 * decoded with INTERNAL, as if the fault were the server's, before anybody was asked for a key.
 */
export function readingAll(definition: GrpcServiceDefinition): GrpcServiceDefinition {
  return Object.fromEntries(
    Object.entries(definition).map(([name, method]) => {
      const requestDeserialize = (bytes: Buffer): unknown => {
        try {
          return method.requestDeserialize(bytes);
        } catch (error) {
          return new UnreadableRequest(error instanceof Error ? error.message : String(error));
        }
      };
      return [name, { ...method, requestDeserialize }];
    }),
  );
}

/** Refuses what could not be read; anything else goes on. */
export function refuseUnreadable(next: GrpcInvoke): GrpcInvoke {
  return async (request, call) => {
    if (!(request instanceof UnreadableRequest)) return next(request, call);
    throw new DomainError(
      'invalid_argument',
      `the request is no message of ${call.method}: its bytes cannot be decoded as protobuf (${request.reason})`,
    );
  };
}
