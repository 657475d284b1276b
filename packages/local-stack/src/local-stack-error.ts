/**
 * Something that whoever started the stack can mend: the message is one line
 * that says what is wrong and how to mend it, fit to be shown without a stack trace.
 */
export class LocalStackError extends Error {
  readonly code: string;
  /** Last lines of the log of the process at fault, where there is one. */
  readonly logLines: readonly string[];

  constructor(code: string, message: string, logLines: readonly string[] = []) {
    super(message);
    this.name = 'LocalStackError';
    this.code = code;
    this.logLines = logLines;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
