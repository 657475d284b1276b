import { DomainError, isRfc3339 } from '@hookline/contracts';

/** A time of the query. @throws DomainError when it is not RFC 3339. */
export function instant(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  if (isRfc3339(text)) return new Date(text);
  const detail = 'must be a time as RFC 3339 writes it, such as 2026-01-15T10:30:00Z';
  throw new DomainError('invalid_argument', `${field} ${detail}`, { fields: [{ field, detail }] });
}
