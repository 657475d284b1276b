/** What every list takes. */
export interface PageQuery {
  readonly page_size?: number;
  readonly page_token?: string;
}

export const pageProperties = {
  page_size: { type: 'integer', minimum: 1, maximum: 1_000 },
  page_token: { type: 'string', maxLength: 2_000 },
} as const;

/** The fields of a list request. */
export function toPageRequest({ page_size, page_token }: PageQuery) {
  return { pageSize: page_size ?? 0, pageToken: page_token ?? '' };
}

/** One page as every list answers it. */
export function toPage<T>(data: readonly T[], nextPageToken: string) {
  return { data, next_page_token: nextPageToken === '' ? null : nextPageToken };
}
