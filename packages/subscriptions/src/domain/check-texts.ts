import type { FieldViolation } from '@hookline/contracts';

/** A fault of a field, or none: spreads into a list of faults. */
export function faultAt(field: string, detail: string | undefined): FieldViolation[] {
  return detail === undefined ? [] : [{ field, detail }];
}

export interface TextRule {
  readonly min?: number;
  readonly max: number;
  /** Line breaks and tabs are taken. */
  readonly multiline?: boolean;
}

/** The fault of a text's length or characters; its content is never repeated, it may be a secret. */
export function textFault(text: string, { min = 0, max, multiline = false }: TextRule) {
  if (text.length < min)
    return min === 1 ? 'it is empty; give it' : `it must have at least ${min} characters`;
  if (text.length > max) return `it has ${text.length} characters; at most ${max} are taken`;
  const visible = multiline ? text.replaceAll(/[\n\r\t]/g, '') : text;
  // Half a surrogate pair (Cs) is no character and would not survive UTF-8.
  if (!/[\p{Cc}\p{Cs}]/u.test(visible)) return undefined;
  return multiline
    ? 'it holds control characters; use printable text'
    : 'it holds control characters, such as a line break or a tab; use printable characters on one line';
}

/** The fault of an e-mail address. */
export function emailFault(email: string) {
  const hasForm = /^[^\s@<>,;:"()\p{Cc}]{1,64}@[^\s@<>,;:"()\p{Cc}]{1,255}$/u.test(email);
  if (hasForm && email.length <= 254) return undefined;
  return 'it is not an e-mail address; write one like ops@example.com';
}

/** The fault of a list's length. */
export function countFault(
  count: number,
  { max, what }: { readonly max: number; readonly what: string },
) {
  return count > max ? `there are ${count} ${what}; at most ${max} are taken` : undefined;
}
