import { ContractError } from '@hookline/contracts';

export interface TextField {
  readonly value: string;
  /** As the publisher wrote it, for the error. */
  readonly field: string;
  readonly lengthMax: number;
}

/**
 * Lets a text pass that can be a CloudEvents attribute: not empty, not too long, no control
 * characters, whole Unicode. Throws ContractError `invalid_attribute`.
 */
export function checkText({ value, field, lengthMax }: TextField): string {
  const what = faultOf(value, lengthMax);
  if (what === undefined) return value;
  throw new ContractError('invalid_attribute', `${field} ${what}`, field);
}

function faultOf(value: string, lengthMax: number): string | undefined {
  if (value === '') return 'is empty; send at least one character';
  if (value.length > lengthMax) {
    return `has ${value.length} characters; at most ${lengthMax} are taken`;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value) || !value.isWellFormed()) {
    return 'holds control characters or broken Unicode; send plain text';
  }
  return undefined;
}
