import { Table, Text, Title } from '@mantine/core';
import { ToDelivery } from '../parts/links.tsx';
import { count } from '../parts/numbers.ts';
import { When } from '../parts/when.tsx';
import { wordsOfNoAttempt } from './health-words.ts';
import { useHealth } from './use-webhook.ts';

/** Servers whose events wait behind one that failed; nothing where none do. */
export function BlockedLines({ id }: { readonly id: string }) {
  const { data: health } = useHealth(id);
  if (health === undefined || health.blocked_lines.length === 0) return null;
  return (
    <section aria-labelledby="held-up">
      <Title order={2} size="h4" mb="xs" id="held-up">
        Held up
      </Title>
      <Text size="sm">
        Each server’s events go out one after the other, and these wait behind one that failed. Mend
        the endpoint; a head that is stuck is tried again on the page of its delivery.
      </Text>
      <Table my="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Server</Table.Th>
            <Table.Th>Head</Table.Th>
            <Table.Th className="wide-only">Sequence</Table.Th>
            <Table.Th className="wide-only">Waiting behind</Table.Th>
            <Table.Th className="wide-only">First tried</Table.Th>
            <Table.Th>Next attempt</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {health.blocked_lines.map((line) => (
            <Table.Tr key={line.delivery_id}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {line.subject ?? 'events without a server'}
              </Table.Td>
              <Table.Td>
                <ToDelivery id={line.delivery_id} />
              </Table.Td>
              <Table.Td className="wide-only">{Number(line.sequence)}</Table.Td>
              <Table.Td className="wide-only">{count(line.waiting_count)}</Table.Td>
              <Table.Td className="wide-only">
                <When at={line.blocked_at} />
              </Table.Td>
              <Table.Td>
                <When at={line.next_attempt_at} none={wordsOfNoAttempt(health.state)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
