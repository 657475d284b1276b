/** What one check found. */
export interface Finding {
  /** What was looked at: `clock`, `stream INGEST`. */
  readonly check: string;
  readonly state: 'ok' | 'fault' | 'skipped';
  /** What was found, in a line. */
  readonly text: string;
  /** What to do about a fault. */
  readonly mend?: string;
}

export function ok(check: string, text: string): Finding {
  return { check, state: 'ok', text };
}

export function fault(check: string, text: string, mend: string): Finding {
  return { check, state: 'fault', text, mend };
}

export function skipped(check: string, text: string): Finding {
  return { check, state: 'skipped', text };
}

/** The reason of a failure in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(reasonOf))].join('; ');
  }
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
