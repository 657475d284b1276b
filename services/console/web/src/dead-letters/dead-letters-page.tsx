import { Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import type { DeadLetterJson } from '../api/types.ts';
import { useList } from '../api/use-list.ts';
import { useLive } from '../live/live.ts';
import { useThrottled } from '../live/use-throttled.ts';
import { DataTable } from '../parts/data-table.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { useSession } from '../session/session.ts';
import { deadLetterColumns } from './dead-letter-columns.tsx';
import { DiscardButton, RedriveButton } from './settle-buttons.tsx';

/** Deliveries given up, until they are redriven or discarded. */
export function DeadLettersPage() {
  const { mayEdit } = useSession();
  const [search] = useSearchParams();
  const [state, setState] = useState<string | null>(null);
  const [typed, setTyped] = useState({ webhook_id: search.get('webhook') ?? '', type: '' });
  const [filter] = useDebouncedValue(typed, 300);
  const list = useList<DeadLetterJson>('/v1/dead-letters', {
    ...filter,
    state: state ?? undefined,
  });
  useLive('attempt', useThrottled(list.refetch));
  const selection = { filter: chosen(filter) };
  return (
    <>
      <PageTitle
        title="Dead letters"
        about="Deliveries given up. Mend the endpoint first, then redrive: each goes out again under its own id."
      >
        {mayEdit && list.rows.length > 0 && (
          <>
            <RedriveButton
              label="Redrive those below"
              selection={selection}
              onDone={list.refetch}
            />
            <DiscardButton
              label="Discard those below"
              selection={selection}
              onDone={list.refetch}
            />
          </>
        )}
      </PageTitle>
      <Group mb="sm" align="flex-end">
        <Select
          label="State"
          placeholder="not settled"
          data={['open', 'redriving', 'delivered', 'discarded']}
          clearable
          clearButtonProps={{ 'aria-label': 'Those not settled' }}
          value={state}
          onChange={setState}
          w={160}
        />
        <TextInput
          label="Webhook"
          placeholder="sub_…"
          value={typed.webhook_id}
          onChange={(changed) => setTyped({ ...typed, webhook_id: changed.currentTarget.value })}
        />
        <TextInput
          label="Event type"
          placeholder="server.*"
          value={typed.type}
          onChange={(changed) => setTyped({ ...typed, type: changed.currentTarget.value })}
        />
      </Group>
      <DataTable
        label="Dead letters"
        list={list}
        columns={deadLetterColumns}
        rowKey={({ id }) => id}
        empty="None. Nothing has been given up."
      />
    </>
  );
}

/** The filter without what is not asked for. */
function chosen(filter: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
}
