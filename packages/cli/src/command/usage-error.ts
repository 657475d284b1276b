/** One flag or argument at fault. */
export interface UsageFault {
  /** `--limit`, `<id>`, or a variable's name; empty when it is the command itself. */
  readonly subject: string;
  /** What is wrong and what would be right. */
  readonly detail: string;
}

/** Faults of a command line, all of them together. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly faults: readonly UsageFault[];
  /** The command whose help explains it, if one was named. */
  readonly command: string | undefined;

  constructor(faults: readonly UsageFault[], command?: string) {
    super(
      faults.map(({ subject, detail }) => (subject ? `${subject}: ${detail}` : detail)).join('\n'),
    );
    this.faults = faults;
    this.command = command;
  }
}
