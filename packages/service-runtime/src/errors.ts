import { ContractError, DomainError } from '@hookline/contracts';

// Postgres: connection exceptions, insufficient resources, shutdown in progress. Node: no connection.
const unavailableCode =
  /^(08\w{3}|53\w{3}|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;

function isUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  if (!(error instanceof Error)) return false;
  if (unavailableCode.test(String((error as { code?: unknown }).code ?? ''))) return true;
  // node-postgres has no code for these two.
  return /^(timeout exceeded when trying to connect|Connection terminated)/.test(error.message);
}

/**
 * The one normaliser from whatever was thrown: what the caller may be told about it, as a
 * DomainError, or undefined when it is a fault of ours and the caller learns nothing but that.
 */
export function toDomainError(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  if (error instanceof ContractError) {
    const fields = error.field === undefined ? [] : [{ field: error.field, detail: error.message }];
    return new DomainError('invalid_argument', error.message, { fields, cause: error });
  }
  if (isUnavailable(error)) {
    return new DomainError(
      'unavailable',
      'a part of Hookline that this needs cannot be reached; try again',
      {
        retryAfterMs: 2_000,
        cause: error,
      },
    );
  }
  return undefined;
}
