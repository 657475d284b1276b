import type { DeliveryJson } from '../api/types.ts';
import { type ListQuery, useList } from '../api/use-list.ts';
import { useLive } from '../live/live.ts';
import { useThrottled } from '../live/use-throttled.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { ToDelivery, ToWebhook } from '../parts/links.tsx';
import { duration } from '../parts/numbers.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';

interface Props {
  readonly path: string;
  readonly query?: ListQuery;
}

const COLUMNS: readonly Column<DeliveryJson>[] = [
  { title: 'Event', cell: ({ id, type }) => <ToDelivery id={id}>{type}</ToDelivery> },
  { title: 'State', width: '9rem', cell: ({ state }) => <StateBadge state={state} /> },
  {
    title: 'Last answer',
    width: '10rem',
    wideOnly: true,
    cell: ({ last_attempt: last }) =>
      last === null || last === undefined ? '–' : (last.http_status ?? last.outcome),
  },
  { title: 'Attempts', width: '6rem', wideOnly: true, cell: ({ attempts_count: n }) => n },
  {
    title: 'Took',
    width: '6rem',
    wideOnly: true,
    cell: ({ last_attempt: last }) => duration(last?.duration_ms ?? null),
  },
  {
    title: 'Next attempt',
    width: '8rem',
    wideOnly: true,
    cell: ({ next_attempt_at }) => <When at={next_attempt_at} />,
  },
  {
    title: 'Webhook',
    width: '9rem',
    wideOnly: true,
    cell: ({ webhook_id: id }) => <ToWebhook id={id} />,
  },
  { title: 'Made', width: '8rem', cell: ({ created_at }) => <When at={created_at} /> },
];

/** Deliveries, which come up to date as attempts end. */
export function DeliveriesTable({ path, query = {} }: Props) {
  const list = useList<DeliveryJson>(path, { ...query, include: 'last_attempt' });
  const refresh = useThrottled(list.refetch);
  useLive('attempt', refresh);
  return (
    <DataTable
      label="Deliveries"
      list={list}
      columns={COLUMNS}
      rowKey={({ id }) => id}
      empty="None. They are here as soon as an event meets a webhook."
    />
  );
}
