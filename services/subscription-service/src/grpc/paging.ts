import { DomainError } from '@hookline/contracts';

const PAGE_SIZE_MAX = 1_000;

/** The size of a page: the default for 0, at most 1,000. Throws DomainError for a negative one. */
export function readPageSize(pageSize: number, fallback: number): number {
  if (pageSize < 0) {
    const detail = `it is ${pageSize}; it must be 1 to ${PAGE_SIZE_MAX}, or 0 for the default of ${fallback}`;
    throw new DomainError('invalid_argument', `page_size: ${detail}`, {
      fields: [{ field: 'page_size', detail }],
    });
  }
  return pageSize === 0 ? fallback : Math.min(pageSize, PAGE_SIZE_MAX);
}
