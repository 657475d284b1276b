import { JetStreamApiError } from '@nats-io/jetstream';

/** JetStream's own numbers for what went wrong, as `err_code` in its answers. */
export const jetStreamCodes = {
  consumerNotFound: 10014,
  insufficientResources: 10023,
  storageExceeded: 10047,
  messageTooLarge: 10054,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  subjectsOverlap: 10065,
  storeFailed: 10077,
  unfilteredNotUnique: 10099,
  filterNotUnique: 10100,
  consumerExists: 10148,
} as const;

/** The err_code of an answer of JetStream; undefined for any other error. */
export function jetStreamCodeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}
