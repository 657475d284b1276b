import { useInfiniteQuery } from '@tanstack/react-query';
import { call, withQuery } from './client.ts';

interface Page<T> {
  readonly data: readonly T[];
  readonly next_page_token: string | null;
}

export type ListQuery = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

const PAGE_SIZE = 100;

/** A list of the API, page by page as it is scrolled through. */
export function useList<T>(path: string, query: ListQuery = {}) {
  const pages = useInfiniteQuery({
    queryKey: [path, query],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      call<Page<T>>(withQuery(path, { page_size: PAGE_SIZE, ...query, page_token: pageParam }), {
        signal,
      }),
    getNextPageParam: (page) => page.next_page_token ?? undefined,
  });
  return {
    rows: pages.data?.pages.flatMap((page) => page.data) ?? [],
    error: pages.error,
    isLoading: pages.isLoading,
    isFetchingMore: pages.isFetchingNextPage,
    hasMore: pages.hasNextPage,
    loadMore: () => void pages.fetchNextPage(),
    refetch: () => void pages.refetch(),
  };
}

export type List<T> = ReturnType<typeof useList<T>>;
