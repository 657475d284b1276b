import { STATUS_CODES } from 'node:http';
import type { DomainError, FieldViolation } from '@hookline/contracts';
import { httpStatusOf } from './http-status.ts';

/** An error as RFC 9457 and the contract have it (`application/problem+json`). */
export interface Problem {
  /** `about:blank`: the kind of problem is told by `status` and `code`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What is wrong and how to mend it. */
  readonly detail: string;
  /** Stable and for programs, e.g. `invalid_argument`. */
  readonly code: string;
  readonly errors: readonly FieldViolation[];
  readonly request_id: string;
}

export const problemContentType = 'application/problem+json; charset=utf-8';

export interface ProblemInput {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldViolation[];
}

export function toProblem(
  { status, code, detail, errors = [] }: ProblemInput,
  requestId: string,
): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, detail, code, errors, request_id: requestId };
}

export function problemOf(error: DomainError, requestId: string): Problem {
  const { code, message, fields } = error;
  return toProblem(
    { status: httpStatusOf(code), code, detail: message, errors: fields },
    requestId,
  );
}
