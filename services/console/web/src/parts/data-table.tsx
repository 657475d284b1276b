import { Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import type { List } from '../api/use-list.ts';
import { Loading } from './loading.tsx';
import { Trouble } from './trouble.tsx';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  /** CSS width; the others share what is left. */
  readonly width?: string;
  /** Left out where there is little room. */
  readonly wideOnly?: boolean;
}

interface Props<T> {
  readonly label: string;
  readonly list: List<T>;
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  /** What to say when there is nothing. */
  readonly empty: ReactNode;
}

const ROW_PX = 41;
const OVERSCAN = 12;

/** A list of any length: only the rows in view are in the document, further pages come as one scrolls. */
export function DataTable<T>({ label, list, columns, rowKey, empty }: Props<T>) {
  const frame = useRef<HTMLElement>(null);
  const { rows, hasMore, isFetchingMore, loadMore } = list;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const isNearEnd = lastShown >= rows.length - OVERSCAN;
  useEffect(() => {
    if (isNearEnd && hasMore && !isFetchingMore) loadMore();
  }, [isNearEnd, hasMore, isFetchingMore, loadMore]);

  if (list.isLoading) return <Loading />;
  if (list.error !== null && rows.length === 0) return <Trouble error={list.error} />;
  if (rows.length === 0 && !hasMore) return <Text py="lg">{empty}</Text>;
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className="table-scroll" ref={frame} tabIndex={0} aria-label={label}>
      <table className="data-table" aria-rowcount={hasMore ? -1 : rows.length + 1}>
        <TableHead columns={columns} />
        <tbody>
          <Space px={before} columns={columns.length} />
          {items.map(({ index }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <tr key={rowKey(row)} aria-rowindex={index + 2}>
                {columns.map(({ title, cell, wideOnly }) => (
                  <td key={title} className={wideOnly ? 'wide-only' : undefined}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Space px={after} columns={columns.length} />
        </tbody>
      </table>
    </section>
  );
}

function TableHead<T>({ columns }: { readonly columns: readonly Column<T>[] }) {
  return (
    <thead>
      <tr>
        {columns.map(({ title, width, wideOnly }) => (
          <th
            key={title}
            scope="col"
            className={wideOnly ? 'wide-only' : undefined}
            style={width === undefined ? undefined : { width }}
          >
            {title}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** Stands for rows that are not in the document. */
function Space({ px, columns }: { readonly px: number; readonly columns: number }) {
  if (px <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height: px }} />
    </tr>
  );
}
