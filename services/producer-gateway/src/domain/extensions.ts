import { ContractError } from '@hookline/contracts';
import type { Given } from './envelope.ts';

/** Extensions with those taken out that have a place of their own in an event. */
export interface SplitExtensions {
  readonly phase: Given | undefined;
  readonly status: Given | undefined;
  readonly traceparents: readonly (string | undefined)[];
  readonly extensions: Readonly<Record<string, string>>;
}

/** Takes phase, status and traceparent out. Throws ContractError when `sequence`, which is ours, is given. */
export function splitExtensions(given: Readonly<Record<string, string>>): SplitExtensions {
  if (given.sequence !== undefined) {
    throw new ContractError(
      'reserved_attribute',
      'extension "sequence" is given by Hookline when it accepts an event; send yours under another name',
      'sequence',
    );
  }
  const { phase, status, traceparent, ...extensions } = given;
  return {
    phase: phase === undefined ? undefined : { value: phase, field: 'phase' },
    status: status === undefined ? undefined : { value: status, field: 'status' },
    traceparents: [traceparent],
    extensions,
  };
}
