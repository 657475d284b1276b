import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, startTestNats, type TestNats } from '@hookline/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator, headers, type NatsConnection } from '@nats-io/transport-node';

let nats: TestNats;
let services: NatsConnection;
let agent: NatsConnection;
let errors: string[];

before(async () => {
  nats = await startTestNats();
  services = await connect({ servers: nats.url, authenticator: creds(nats.servicesCreds) });
  const manager = await jetstreamManager(services);
  await manager.streams.add({ name: 'INGEST', subjects: ['hv.>'] });
  await manager.streams.add({ name: 'EVENTS', subjects: ['events.>'] });
  agent = await connectAgent('default', 'node-1');
  errors = [];
  void (async () => {
    for await (const status of agent.status()) {
      if (status.type === 'error') errors.push(String(status.error));
    }
  })();
});

after(async () => {
  await agent?.close();
  await services?.close();
  await nats?.stop();
});

test("an agent's publish is acknowledged by JetStream in its own inbox", async () => {
  const answer = await agent.request('hv.default.node-1.server.started', '{}', { timeout: 2000 });
  assert.equal(answer.json<{ stream: string }>().stream, 'INGEST');
});

test('an acknowledgement arrives for every one of many publishes in flight', async () => {
  const answers = await Promise.all(
    Array.from({ length: 500 }, () =>
      agent.request('hv.default.node-1.server.started', '{}', { timeout: 5000 }),
    ),
  );
  const sequences = new Set(answers.map((answer) => answer.json<{ seq: number }>().seq));
  assert.equal(sequences.size, 500);
});

test('services reach an agent by to.<its inbox>, headers included', async () => {
  const subscription = agent.subscribe('_INBOX_default_node-1.confirm', { max: 1 });
  await agent.flush();
  const extra = headers();
  extra.set('Hookline-Test', 'yes');
  services.publish('to._INBOX_default_node-1.confirm', 'hello', { headers: extra });
  for await (const message of subscription) {
    assert.equal(message.subject, '_INBOX_default_node-1.confirm');
    assert.equal(message.string(), 'hello');
    assert.equal(message.headers?.get('Hookline-Test'), 'yes');
  }
});

test("P5 an agent's reply subject cannot purge a stream", async () => {
  await jetstream(services).publish('events.batch', 'kept');
  await publishWithReply('$JS.API.STREAM.PURGE.EVENTS');
  const manager = await jetstreamManager(services);
  assert.equal((await manager.streams.info('EVENTS')).state.messages, 1);
});

test("P5 an agent's reply subject cannot forge another tenant's event", async () => {
  await publishWithReply('hv.other.node-1.server.deleted');
  const manager = await jetstreamManager(services);
  const { state } = await manager.streams.info('INGEST', { subjects_filter: 'hv.other.>' });
  assert.equal(state.num_subjects === 0 || state.subjects === undefined, true);
});

test("P5 an agent's reply subject cannot write into the services' account", async () => {
  const seen: string[] = [];
  const watch = services.subscribe('>', {
    callback: (_, message) => void seen.push(message.subject),
  });
  await services.flush();
  await publishWithReply('events.batch');
  await publishWithReply('attempts.default.sub_1');
  await publishWithReply('to._INBOX_other_node-1.x');
  watch.unsubscribe();
  assert.deepEqual(
    seen.filter((subject) => /^(events|attempts|to)\./.test(subject)),
    [],
  );
});

test("P5 an agent cannot publish as another host, use JetStream's API, or hear others", async () => {
  await using other = await connectAgent('default', 'node-2');
  const heard: string[] = [];
  agent.subscribe('_INBOX_default_node-2.>', {
    callback: (error, message) => void heard.push(error === null ? message.subject : 'refused'),
  });
  agent.publish('hv.default.node-2.server.started', '{}');
  agent.publish('$JS.API.STREAM.LIST', '', { reply: '_INBOX_default_node-1.list' });
  await agent.flush();
  await eventually(() => assert.equal(errors.length >= 2, true));
  await other.request('hv.default.node-2.server.stopped', '{}');
  await agent.flush();
  assert.deepEqual(new Set(heard), new Set(['refused']));
  const manager = await jetstreamManager(services);
  const { state } = await manager.streams.info('INGEST', { subjects_filter: 'hv.*.node-2.>' });
  assert.deepEqual(Object.keys(state.subjects ?? {}), ['hv.default.node-2.server.stopped']);
});

test("a reply subject in another agent's inbox brings it an acknowledgement at most, no text of the sender's", async () => {
  await using other = await connectAgent('other', 'node-9');
  const heard: string[] = [];
  other.subscribe('_INBOX_other_node-9.>', {
    callback: (_, message) => void heard.push(`${message.subject} ${message.string()}`),
  });
  await other.flush();
  await publishWithReply('_INBOX_other_node-9.known');
  await other.request('hv.other.node-9.server.started', '{}');
  for (const message of heard.filter((one) => one.startsWith('_INBOX_other_node-9.known'))) {
    assert.match(message, /^_INBOX_other_node-9\.known \{"stream":"INGEST", ?"seq":\d+\}$/);
  }
});

test('credentials made by an authority are refused by a server of another one', async () => {
  await using stranger = await startTestNats();
  await assert.rejects(
    connect({
      servers: stranger.url,
      authenticator: creds(nats.servicesCreds),
      reconnect: false,
    }),
    /authorization/i,
  );
});

test('accounts survive a crash of the server: the same credentials serve afterwards', async () => {
  await using own = await startTestNats();
  const text = await own.mintAgent({ tenant: 'default', host: 'node-1' });
  await own.kill9();
  await own.restart();
  const connection = await connect({ servers: own.url, authenticator: creds(text) });
  await connection.close();
});

/** Publishes as the agent with a reply subject of its choice, and waits until the server has answered it. */
async function publishWithReply(reply: string): Promise<void> {
  agent.publish('hv.default.node-1.server.started', '{}', { reply });
  // Acknowledged after the one before: the same connection, the same stream.
  await agent.request('hv.default.node-1.server.started', '{}', { timeout: 2000 });
  await services.flush();
}

async function connectAgent(
  tenant: string,
  host: string,
): Promise<NatsConnection & AsyncDisposable> {
  const connection = await connect({
    servers: nats.url,
    authenticator: creds(await nats.mintAgent({ tenant, host })),
    inboxPrefix: `_INBOX_${tenant}_${host}`,
  });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

function creds(text: string) {
  return credsAuthenticator(new TextEncoder().encode(text));
}
