import { exitCodes } from './output/exit-codes.ts';

/** A command that cannot go on, with what to say about it: what is wrong and how to mend it. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
