import { Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { PageTitle } from '../parts/page-title.tsx';
import { DeliveriesTable } from './deliveries-table.tsx';

const STATES = ['pending', 'scheduled', 'succeeded', 'dead', 'cancelled', 'expired'];

/** One event for one webhook, each a row. */
export function DeliveriesPage() {
  const [state, setState] = useState<string | null>(null);
  const [typed, setTyped] = useState({ type: '', subject: '' });
  const [filter] = useDebouncedValue(typed, 300);
  return (
    <>
      <PageTitle title="Deliveries" about="One event for one webhook, the newest first." />
      <Group mb="sm" align="flex-end">
        <Select
          label="State"
          placeholder="any"
          data={STATES}
          clearable
          clearButtonProps={{ 'aria-label': 'Any state' }}
          value={state}
          onChange={setState}
          w={150}
        />
        <TextInput
          label="Event type"
          placeholder="server.*"
          value={typed.type}
          onChange={(changed) => setTyped({ ...typed, type: changed.currentTarget.value })}
        />
        <TextInput
          label="Server"
          value={typed.subject}
          onChange={(changed) => setTyped({ ...typed, subject: changed.currentTarget.value })}
        />
      </Group>
      <DeliveriesTable path="/v1/deliveries" query={{ state: state ?? undefined, ...filter }} />
    </>
  );
}
