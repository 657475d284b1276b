import { createHash } from 'node:crypto';
import { DomainError } from '@hookline/contracts';

const PAGE_SIZE_MAX = 1_000;

/** The size of a page (AIP-158): the default for 0, at most 1,000. @throws DomainError for a negative one. */
export function readPageSize(requested: number, fallback = 50): number {
  if (requested < 0) {
    const right = `1 to ${PAGE_SIZE_MAX}, or 0 for the default of ${fallback}`;
    throw invalid('page_size', `is ${requested}; it must be ${right}`);
  }
  return requested === 0 ? fallback : Math.min(requested, PAGE_SIZE_MAX);
}

/**
 * An opaque token of the page that follows: where the last one ended, as texts, and a hash of what
 * was asked, so that it fits no other question.
 */
export function writePageToken(cursor: readonly string[], question: unknown): string {
  return Buffer.from(JSON.stringify([hashOf(question), ...cursor])).toString('base64url');
}

/** Where to go on; undefined for the first page. @throws DomainError for a token that is not of this question. */
export function readPageToken(token: string, question: unknown): readonly string[] | undefined {
  if (token === '') return undefined;
  const [hash, ...cursor] = parse(token);
  if (hash === undefined) throw invalid('page_token', 'is not a token that this method gave');
  if (hash !== hashOf(question)) {
    throw invalid('page_token', 'belongs to a request with other fields; begin without a token');
  }
  return cursor;
}

function parse(token: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    const isList = Array.isArray(value) && value.every((entry) => typeof entry === 'string');
    return isList ? (value as string[]) : [];
  } catch {
    return [];
  }
}

function hashOf(question: unknown): string {
  const text = JSON.stringify(question, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

function invalid(field: string, detail: string): DomainError {
  return new DomainError('invalid_argument', `${field} ${detail}`, { fields: [{ field, detail }] });
}
