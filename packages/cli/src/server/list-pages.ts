import type { Context } from '../context.ts';
import type { Column } from '../output/table.ts';

/** One page of a list as a service answers it, its messages made into JSON. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

export interface ListRequest<T> {
  /** How many at most. */
  readonly limit: number;
  /** Where to begin; empty for the first page. */
  readonly pageToken: string;
  readonly fetch: (pageSize: number, pageToken: string) => Promise<Page<T>>;
  readonly columns: readonly Column<T>[];
}

const PAGE_SIZE_MAX = 1_000;

/** Reads pages until the limit is reached, and prints what they hold. */
export async function printList<T>({ output }: Context, request: ListRequest<T>): Promise<void> {
  const items: T[] = [];
  let { pageToken } = request;
  do {
    const page = await request.fetch(
      Math.min(PAGE_SIZE_MAX, request.limit - items.length),
      pageToken,
    );
    items.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && items.length < request.limit);
  if (output.isJson) {
    output.json({ data: items, next_page_token: pageToken === '' ? null : pageToken });
    return;
  }
  if (items.length > 0) output.table(request.columns, items);
  else output.note('there is none');
  if (pageToken !== '') output.note(`there is more: --page-token ${pageToken}`);
}
