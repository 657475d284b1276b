import { useState } from 'react';
import { call } from '../api/client.ts';
import type { AgentJson } from '../api/types.ts';
import { useList } from '../api/use-list.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { SecretOnce } from '../parts/secret-once.tsx';
import { When } from '../parts/when.tsx';
import { NewAgentButton } from './new-agent-button.tsx';

/** Credentials of agents, and when each was last heard. */
export function AgentsPage() {
  const [made, setMade] = useState<AgentJson>();
  const list = useList<AgentJson>('/v1/agents');
  const columns: readonly Column<AgentJson>[] = [
    { title: 'Host', cell: ({ host_name }) => host_name },
    {
      title: 'Publishes below',
      width: '26%',
      wideOnly: true,
      cell: ({ publish_prefix: it }) => it,
    },
    { title: 'Note', width: '18%', wideOnly: true, cell: ({ description }) => description },
    {
      title: 'Last seen',
      width: '8rem',
      cell: ({ last_seen_at }) => <When at={last_seen_at} none="never" />,
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
      cell: ({ id, host_name }) => (
        <ConfirmButton
          label="Revoke"
          question={`The agent of ${host_name} is cut off at once.`}
          confirm="Revoke them"
          onConfirm={async () => {
            await call(`/v1/agents/${id}`, { method: 'DELETE' });
            list.refetch();
          }}
        />
      ),
    },
  ];
  return (
    <>
      <PageTitle
        title="Agents"
        about="NATS credentials: with them an agent publishes for its own host and nothing else."
      >
        <NewAgentButton
          onMade={(agent) => {
            setMade(agent);
            list.refetch();
          }}
        />
      </PageTitle>
      {made?.creds !== undefined && (
        <SecretOnce title={`Credentials of ${made.host_name}`} secret={made.creds}>
          <span>
            Connect to {made.nats_urls?.join(', ')} with the inbox prefix{' '}
            <code>{made.inbox_prefix}</code>.
          </span>
        </SecretOnce>
      )}
      <DataTable
        label="Agents"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        empty="None yet."
      />
    </>
  );
}
