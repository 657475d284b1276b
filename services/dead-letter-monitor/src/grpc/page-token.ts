import { createHash } from 'node:crypto';
import { DomainError } from '@hookline/contracts';

/** Where a page ended: the sort key of its last row. */
export interface Cursor {
  /** As Postgres writes it, microseconds included. */
  readonly time: string;
  readonly id: string;
}

const PAGE_SIZE_DEFAULT = 50;
const PAGE_SIZE_MAX = 1_000;

/** 1 to 1,000, 50 when it is not given; more counts as 1,000. */
export function pageSizeOf(requested: number): number {
  if (requested < 0) throw invalid('page_size', 'must be 1 to 1000, or 0 for the default of 50');
  return Math.min(requested === 0 ? PAGE_SIZE_DEFAULT : requested, PAGE_SIZE_MAX);
}

/** A token holds the cursor and a hash of what was asked, so that it fits no other question. */
export function encodePageToken(cursor: Cursor, question: unknown): string {
  return Buffer.from(JSON.stringify([cursor.time, cursor.id, hashOf(question)])).toString(
    'base64url',
  );
}

/** Undefined for the first page. @throws DomainError for a token that is not of this question. */
export function decodePageToken(token: string, question: unknown): Cursor | undefined {
  if (token === '') return undefined;
  const [time, id, hash] = parse(token);
  if (typeof time !== 'string' || typeof id !== 'string' || Number.isNaN(Date.parse(time))) {
    throw invalid('page_token', 'is not a token that this method gave');
  }
  if (hash !== hashOf(question)) {
    throw invalid('page_token', 'belongs to a request with other fields; begin without a token');
  }
  return { time, id };
}

function parse(token: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function hashOf(question: unknown): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 16);
}

function invalid(field: string, detail: string): DomainError {
  return new DomainError('invalid_argument', `${field} ${detail}`, { fields: [{ field, detail }] });
}
