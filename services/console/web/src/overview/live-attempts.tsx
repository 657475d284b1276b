import { Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { LiveAttemptJson } from '../api/types.ts';
import { useLive, useLiveState } from '../live/live.ts';
import { ToDelivery, ToWebhook } from '../parts/links.tsx';
import { duration } from '../parts/numbers.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';

const SHOWN_MAX = 20;

/** The newest attempts since the page was opened. */
export function LiveAttempts() {
  const state = useLiveState();
  const [attempts, setAttempts] = useState<readonly LiveAttemptJson[]>([]);
  useLive('attempt', (attempt) =>
    setAttempts((before) =>
      [attempt, ...before.filter(({ id }) => id !== attempt.id)].slice(0, SHOWN_MAX),
    ),
  );
  if (attempts.length === 0) {
    return (
      <Text c="dimmed" role="status">
        {state === 'trouble'
          ? 'The connection is lost; trying again.'
          : 'None yet. They appear here by themselves.'}
      </Text>
    );
  }
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Event</Table.Th>
          <Table.Th>Outcome</Table.Th>
          <Table.Th className="wide-only">Webhook</Table.Th>
          <Table.Th className="wide-only">Took</Table.Th>
          <Table.Th>Time</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {attempts.map((attempt) => (
          <Table.Tr key={attempt.id}>
            <Table.Td>
              <ToDelivery id={attempt.delivery_id}>{attempt.type}</ToDelivery>
            </Table.Td>
            <Table.Td>
              <StateBadge state={attempt.outcome} />
            </Table.Td>
            <Table.Td className="wide-only">
              <ToWebhook id={attempt.webhook_id} />
            </Table.Td>
            <Table.Td className="wide-only">{duration(attempt.duration_ms)}</Table.Td>
            <Table.Td>
              <When at={attempt.started_at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
