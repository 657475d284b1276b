import type { Readable } from 'node:stream';
import type { Output } from './output/output.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the world outside is to a command. */
export interface Context {
  readonly env: Environment;
  readonly output: Output;
  readonly stdin: Readable;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** How a command that was interrupted ends. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('interrupted');
  }
}
