import { Group, Modal, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { AuditJson } from '../api/types.ts';
import { useList } from '../api/use-list.ts';
import { Code } from '../parts/code.tsx';
import { closeLabel } from '../parts/confirm-button.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { shortId } from '../parts/links.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { When } from '../parts/when.tsx';
import { ChangesButton } from './changes-button.tsx';

/** Who did what. */
export function AuditPage() {
  const [typed, setTyped] = useState({ action: '', target_id: '' });
  const [filter] = useDebouncedValue(typed, 300);
  const [shown, setShown] = useState<AuditJson>();
  const list = useList<AuditJson>('/v1/audit', filter);
  const columns: readonly Column<AuditJson>[] = [
    { title: 'What', cell: ({ action }) => action },
    {
      title: 'To',
      width: '9rem',
      cell: ({ target_id: id }) => <span title={id}>{shortId(id)}</span>,
    },
    {
      title: 'Who',
      width: '18%',
      wideOnly: true,
      cell: ({ actor }) => actor.name ?? actor.id,
    },
    {
      title: 'From',
      width: '9rem',
      wideOnly: true,
      cell: ({ actor }) => actor.remote_address ?? '–',
    },
    {
      title: 'Changes',
      width: '7rem',
      wideOnly: true,
      cell: (entry) => <ChangesButton entry={entry} onShow={setShown} />,
    },
    { title: 'When', width: '8rem', cell: ({ time }) => <When at={time} /> },
  ];
  return (
    <>
      <PageTitle title="Audit" about="Who did what. Nothing is ever taken out of it." />
      <Group mb="sm">
        <TextInput
          label="Action"
          placeholder="subscription.*"
          value={typed.action}
          onChange={(changed) => setTyped({ ...typed, action: changed.currentTarget.value })}
        />
        <TextInput
          label="Done to"
          placeholder="sub_…"
          value={typed.target_id}
          onChange={(changed) => setTyped({ ...typed, target_id: changed.currentTarget.value })}
        />
      </Group>
      <DataTable
        label="Audit"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        empty="None."
      />
      <Modal
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={shown?.action}
        size="lg"
        closeButtonProps={closeLabel}
      >
        <Code text={JSON.stringify(shown?.changes ?? {}, undefined, 2)} label="Changes" />
      </Modal>
    </>
  );
}
