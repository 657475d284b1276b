import { isObjectText, replaceMembers, withoutMembers } from './json-members.ts';
import { topLevelMembers } from './json-text.ts';
import { redactSensitive } from './redaction.ts';

const STACK = new Set(['stack']);
const OBFUSCATED = '"* obfuscated *"';
/** Calls whose result is itself a secret: the token that was made. */
const RESULT_IS_SECRET = /^"(token|session)\./;

/**
 * The request body of Xen Orchestra's web hook, fit to be kept and passed on: without the stacks of
 * errors, which tell strangers about the machine, and with secrets redacted, the result of a call
 * that makes a token among them. Every other byte stays. `redact` takes the secrets out.
 */
export function cleanXenOrchestraCall(
  body: string,
  redact: (json: string) => string = redactSensitive,
): string {
  if (!isObjectText(body)) return body;
  const members = topLevelMembers(body);
  const method = members.findLast(({ key }) => key === 'method');
  const secret =
    method !== undefined && RESULT_IS_SECRET.test(body.slice(method.valueStart, method.valueEnd));
  let result = '';
  let copied = 0;
  for (const { key, valueStart, valueEnd } of members) {
    const value = body.slice(valueStart, valueEnd);
    const cleaned = key === 'error' ? withoutStack(value) : value;
    const hidden = secret && key === 'result' && value.startsWith('"');
    result += body.slice(copied, valueStart) + (hidden ? OBFUSCATED : cleaned);
    copied = valueEnd;
  }
  return redact(result + body.slice(copied));
}

/** An error without its stack, nor those of the errors that caused it. */
export function withoutStack(error: string): string {
  return replaceMembers(withoutMembers(error, STACK), (key) =>
    key === 'stack' ? '"* removed *"' : undefined,
  );
}
