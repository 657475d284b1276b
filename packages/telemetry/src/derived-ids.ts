import { hash } from 'node:crypto';

/**
 * A span id that follows from what the span is about, 16 hex digits: whoever knows that can link to
 * the span, hours later and in another process, without having stored its id.
 */
export function derivedSpanId(...parts: readonly string[]): string {
  const id = hash('sha256', parts.join('\n'), 'hex').slice(0, 16);
  // All zeros are no id.
  return id === '0000000000000000' ? '0000000000000001' : id;
}

/** A trace id made in the same way, 32 hex digits. */
export function derivedTraceId(...parts: readonly string[]): string {
  const id = hash('sha256', parts.join('\n'), 'hex').slice(32);
  return /[^0]/.test(id) ? id : `${'0'.repeat(31)}1`;
}
