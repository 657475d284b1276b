import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { headers, type NatsConnection } from 'nats';
import { openTenantStack, type TenantStack } from '../support/shared-stack.ts';
import { connectAgentOf } from '../support/stack.ts';

interface Confirmation {
  readonly source_id: string;
  readonly event_id?: string;
  readonly position?: number | string;
  readonly rejected?: { readonly code: string; readonly reason: string };
}

let stack: TenantStack;
let other: TenantStack;
const connections: NatsConnection[] = [];

before(async () => {
  [stack, other] = await Promise.all([openTenantStack(), openTenantStack()]);
});

after(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await Promise.all([stack?.[Symbol.asyncDispose](), other?.[Symbol.asyncDispose]()]);
});

/** An agent that publishes with a source id and waits for its confirmation, sending again meanwhile. */
async function createAgent({ endpoints: { tenant } }: TenantStack, host: string) {
  const connection = await connectAgentOf(stack, { tenant, host });
  connections.push(connection);
  const inbox = `_INBOX_${tenant}_${host}.confirmations`;
  return async (sourceId: string): Promise<Confirmation> => {
    const answers = connection.subscribe(inbox, { max: 1 });
    const sent = headers();
    sent.set('Nats-Msg-Id', sourceId);
    sent.set('Hookline-Confirm-To', inbox);
    const subject = `hv.${tenant}.${host}.server.started`;
    // JetStream's own window of 100 ms may drop another agent's message of the same id: an agent
    // that hears nothing sends again.
    const send = () => connection.publish(subject, '{"server_id":"srv_1"}', { headers: sent });
    const again = setInterval(send, 250);
    send();
    try {
      for await (const answer of answers) return answer.json<Confirmation>();
    } finally {
      clearInterval(again);
    }
    throw new Error('the inbox closed');
  };
}

test('the same source id from two tenants and from two hosts makes two events; twice from one host it makes one, confirmed twice with the same id', async () => {
  const [one, neighbour, stranger] = await Promise.all([
    createAgent(stack, 'node-1'),
    createAgent(stack, 'node-2'),
    createAgent(other, 'node-1'),
  ]);
  const first = await one('migration-7');
  const fromNeighbour = await neighbour('migration-7');
  const fromStranger = await stranger('migration-7');
  const repeated = await one('migration-7');

  assert.ok(first.event_id && fromNeighbour.event_id && fromStranger.event_id);
  assert.equal(new Set([first.event_id, fromNeighbour.event_id, fromStranger.event_id]).size, 3);
  assert.deepEqual(repeated, first);
  assert.equal(first.source_id, 'migration-7');

  const { rows } = await stack.query(
    `SELECT tenant, count(*)::int AS events FROM hookline.event_log
      WHERE kind = 'server' AND tenant = ANY ($1) GROUP BY tenant ORDER BY events`,
    [[stack.endpoints.tenant, other.endpoints.tenant]],
  );
  assert.deepEqual(rows, [
    { tenant: other.endpoints.tenant, events: 1 },
    { tenant: stack.endpoints.tenant, events: 2 },
  ]);
});

test('a CloudEvents id is the source id: published again over HTTP it is answered with the first id', async () => {
  const publish = async () => {
    const response = await fetch(`${stack.endpoints.ingest}/ingest/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${stack.endpoints.publisherKey}`,
        'content-type': 'application/json',
      },
      body: '{"type":"server.stopped","id":"stop-1","data":{"server_id":"srv_9"}}',
    });
    assert.equal(response.status, 202);
    return (await response.json()) as { ids: string[] };
  };
  assert.deepEqual(await publish(), await publish());
});
