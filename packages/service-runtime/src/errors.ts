import { ContractError, DomainError } from '@hookline/contracts';

// Postgres: connection exceptions, insufficient resources, shutdown in progress. Node: no connection.
const unavailableCode =
  /^(08\w{3}|53\w{3}|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;

/** What Postgres finds wrong with a value that it was given, in words for whoever sent it. */
const valueFaults: Readonly<Record<string, string>> = {
  '22021': 'a text holds the character U+0000, which cannot be stored; leave it out',
  '22008': 'a time is out of the range that can be stored; send one of the years 1 to 9999',
};

function valueFaultOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? valueFaults[code] : undefined;
}

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
  const valueFault = valueFaultOf(error);
  if (valueFault !== undefined) {
    return new DomainError('invalid_argument', valueFault, { cause: error });
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
