import { useState } from 'react';
import { call } from '../api/client.ts';
import type { KeyJson } from '../api/types.ts';
import { useList } from '../api/use-list.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { SecretOnce } from '../parts/secret-once.tsx';
import { When } from '../parts/when.tsx';
import { useSession } from '../session/session.ts';
import { NewKeyButton } from './new-key-button.tsx';

/** API keys: who may do what. */
export function KeysPage() {
  const { key_id: own } = useSession();
  const [made, setMade] = useState<KeyJson>();
  const list = useList<KeyJson>('/v1/keys');
  const columns: readonly Column<KeyJson>[] = [
    { title: 'Name', cell: ({ id, name }) => (id === own ? `${name} (yours)` : name) },
    { title: 'Role', width: '7rem', cell: ({ role }) => role },
    {
      title: 'Begins with',
      width: '9rem',
      wideOnly: true,
      cell: ({ prefix }) => <code>{prefix}</code>,
    },
    {
      title: 'Last used',
      width: '8rem',
      wideOnly: true,
      cell: ({ last_used_at }) => <When at={last_used_at} none="never" />,
    },
    {
      title: 'Expires',
      width: '8rem',
      wideOnly: true,
      cell: ({ expires_at: at }) => <When at={at} />,
    },
    {
      title: 'Revoke',
      width: '7rem',
      cell: ({ id, name }) => (
        <ConfirmButton
          label="Revoke"
          question={`Whoever uses ${name || 'this key'} is refused from now on, everywhere.${id === own ? ' It is the key that you are signed in with.' : ''}`}
          confirm="Revoke it"
          onConfirm={async () => {
            await call(`/v1/keys/${id}`, { method: 'DELETE' });
            list.refetch();
          }}
        />
      ),
    },
  ];
  return (
    <>
      <PageTitle title="API keys" about="Who may read, change, administer or publish.">
        <NewKeyButton
          onMade={(key) => {
            setMade(key);
            list.refetch();
          }}
        />
      </PageTitle>
      {made?.key !== undefined && <SecretOnce title={`Key ${made.name}`} secret={made.key} />}
      <DataTable
        label="API keys"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        empty="None."
      />
    </>
  );
}
