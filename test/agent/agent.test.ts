import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Agent, type AgentOptions, connectAgent } from '@hookline/agent';
import { eventually, freePort, startTestNats } from '@hookline/testing';
import { startTestbed } from '../../services/producer-gateway/src/test-gateway.ts';

type Testbed = Awaited<ReturnType<typeof startTestbed>>;

let bed: Testbed;
const opened: Agent[] = [];

before(async () => {
  bed = await startTestbed();
});
after(async () => {
  for (const agent of opened) await agent.close({ timeoutMs: 0 });
  await bed?.stop();
});

async function open(host: string, options: Partial<AgentOptions> = {}): Promise<Agent> {
  const creds = await bed.nats.mintAgent({ tenant: 'default', host });
  const agent = await connectAgent({ servers: bed.nats.url, creds, ...options });
  opened.push(agent);
  return agent;
}
const started = (n: number, server = 'srv_1') => ({
  type: 'server.started',
  data: { server_id: server, n },
  id: `${server}/${n}`,
});
const eventsOf = async (line: string) =>
  (await bed.events()).filter(({ subject }) => subject === line);

test('events wait in a bounded spool while no gateway accepts them; one more is refused, none is lost (P1)', async () => {
  const agent = await open('spool', { spoolEventsMax: 3, confirmTimeoutMs: 200 });
  const outcomes = [1, 2, 3].map((n) => agent.publish(started(n, 'srv_spool')));
  await assert.rejects(agent.publish(started(4, 'srv_spool')), { code: 'spool_full' });
  assert.equal(agent.unconfirmed, 3);
  assert.equal(agent.publish(started(2, 'srv_spool')) instanceof Promise, true);
  assert.equal(agent.unconfirmed, 3, 'an id that is unconfirmed is not kept twice');

  await bed.gateway();
  for (const outcome of await Promise.all(outcomes)) assert.equal(outcome.kind, 'accepted');
  await agent.idle();
  const events = await eventsOf('srv_spool');
  assert.deepEqual(
    events.map(({ data }) => JSON.parse(data).n),
    [1, 2, 3],
  );
});

test('a confirmation holds the id and position in the log; a repeat gets the first one’s', async () => {
  const agent = await open('confirm', { confirmTimeoutMs: 200 });
  const first = await agent.publish(started(1, 'srv_confirm'));
  assert.equal(first.kind, 'accepted');
  const [event] = await eventsOf('srv_confirm');
  assert.deepEqual(first, {
    kind: 'accepted',
    sourceId: 'srv_confirm/1',
    eventId: event?.event_id,
    position: Number(event?.position),
  });
  assert.deepEqual(await agent.publish(started(1, 'srv_confirm')), first);
  assert.equal((await eventsOf('srv_confirm')).length, 1);
});

test('a rejection is an outcome with its code, and the agent goes on', async () => {
  const agent = await open('reject');
  const outcome = await agent.publish({ type: 'server.started', data: '{"a":', id: 'cut' });
  assert.equal(outcome.kind, 'rejected');
  if (outcome.kind === 'rejected') {
    assert.equal(outcome.code, 'not_json');
    assert.equal(outcome.sourceId, 'cut');
    assert.notEqual(outcome.reason, '');
  }
  assert.equal((await agent.publish(started(1, 'srv_reject'))).kind, 'accepted');
});

test('what is published around a crash of NATS is accepted once each, in the order of publishing (P1, P7)', async () => {
  const changes: string[] = [];
  const agent = await open('crash', {
    windowMax: 20,
    confirmTimeoutMs: 2_000,
    onConnection: ({ kind }) => changes.push(kind),
  });
  const outcomes: Promise<{ kind: string }>[] = [];
  const publish = (count: number) => {
    for (let i = 0; i < count; i += 1) {
      outcomes.push(agent.publish(started(outcomes.length + 1, 'srv_crash')));
    }
  };
  publish(60);
  await bed.nats.kill9();
  publish(60);
  await eventually(() => assert.ok(changes.includes('lost')), { timeoutMs: 20_000 });
  publish(60);
  await bed.nats.restart();
  await eventually(() => assert.ok(changes.includes('back')), { timeoutMs: 20_000 });
  publish(60);
  const settled = await Promise.all(outcomes);
  assert.ok(settled.every(({ kind }) => kind === 'accepted'));
  const numbers = (await eventsOf('srv_crash')).map(({ data }) => JSON.parse(data).n);
  assert.deepEqual(
    numbers,
    Array.from({ length: 240 }, (_, index) => index + 1),
  );
});

test('heartbeats say that the agent is there, and are no events', async () => {
  await open('beat', { heartbeat: { everyMs: 1_000, data: () => ({ load: 1 }) } });
  await eventually(
    async () => {
      const { rows } = await bed.pool.query("SELECT 1 FROM hookline.agent WHERE host = 'beat'");
      assert.equal(rows.length, 1);
    },
    { timeoutMs: 20_000 },
  );
  assert.equal((await bed.events()).filter(({ type }) => type.startsWith('agent.')).length, 0);
});

test('closing waits for confirmations, and names what was not confirmed in time', async () => {
  const drained = await open('close');
  const outcome = drained.publish(started(1, 'srv_close'));
  assert.deepEqual(await drained.close(), []);
  assert.equal((await outcome).kind, 'accepted');
  await assert.rejects(drained.publish(started(2, 'srv_close')), { code: 'closed' });

  await using lonely = await startTestNats();
  const creds = await lonely.mintAgent({ tenant: 'default', host: 'lonely' });
  const agent = await connectAgent({ servers: lonely.url, creds });
  const unanswered = assert.rejects(agent.publish(started(1)), { code: 'closed' });
  assert.deepEqual(await agent.close({ timeoutMs: 50 }), ['srv_1/1']);
  await unanswered;
});

test('wrong credentials and a server that is not there are told apart', async () => {
  await using other = await startTestNats();
  const creds = await other.mintAgent({ tenant: 'default', host: 'stranger' });
  await assert.rejects(connectAgent({ servers: bed.nats.url, creds }), {
    code: 'credentials_refused',
  });
  const nowhere = `nats://127.0.0.1:${await freePort()}`;
  await assert.rejects(connectAgent({ servers: nowhere, creds, connectTimeoutMs: 300 }), {
    code: 'unreachable',
    message: /0\.3 s/,
  });
  await assert.rejects(connectAgent({ servers: nowhere }), { code: 'invalid_credentials' });
  await assert.rejects(connectAgent({ servers: nowhere, credsPath: '/nowhere.creds' }), {
    code: 'invalid_credentials',
    message: /nowhere\.creds/,
  });
});
