import type { JsonSchema } from './describe-route.ts';

/** What every list takes. */
export interface PageQuery {
  readonly page_size?: number;
  readonly page_token?: string;
}

export const pageProperties = {
  page_size: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000,
    description: 'How many at most. Default 50.',
    examples: [50],
  },
  page_token: {
    type: 'string',
    maxLength: 2_000,
    description:
      'The `next_page_token` of the page before; the other parameters must be the same as then.',
  },
} as const;

/** The fields of a list request. */
export function toPageRequest({ page_size, page_token }: PageQuery) {
  return { pageSize: page_size ?? 0, pageToken: page_token ?? '' };
}

/** One page as every list answers it. */
export function toPage<T>(data: readonly T[], nextPageToken: string) {
  return { data, next_page_token: nextPageToken === '' ? null : nextPageToken };
}

/** The schema of a page, its example made of the entry's. */
export function pageSchema(entry: JsonSchema): JsonSchema {
  return {
    title: `${String(entry.title)}Page`,
    type: 'object',
    additionalProperties: false,
    required: ['data', 'next_page_token'],
    properties: {
      data: { type: 'array', items: entry, description: 'The entries, the newest first.' },
      next_page_token: {
        type: ['string', 'null'],
        description: 'The `page_token` of the next page; null on the last one.',
      },
    },
    examples: [{ data: entry.examples, next_page_token: null }],
  };
}
