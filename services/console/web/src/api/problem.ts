/** A refusal as the API tells it, `application/problem+json`. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: readonly { readonly field: string; readonly detail: string }[];

  constructor(status: number, body: ProblemBody) {
    super(body.detail ?? `the server answered ${status}`);
    this.name = 'Problem';
    this.status = status;
    this.code = body.code ?? 'unknown';
    this.fields = body.errors ?? [];
  }
}

interface ProblemBody {
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}

/** What went wrong, in words for a person. */
export function wordsOf(error: unknown): string {
  if (isProblem(error)) return error.message;
  return 'The console cannot be reached. Is it running, and are you online?';
}
