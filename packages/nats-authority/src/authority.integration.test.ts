import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inboxPrefix } from '@hookline/contracts';
import { eventually, startTestNats, type TestNats } from '@hookline/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator, headers, type NatsConnection } from '@nats-io/transport-node';
import { connect as connectLegacy, credsAuthenticator as legacyCredsAuthenticator } from 'nats';
import { createAgentAccount, mintAgentCredentials } from './agent-account.ts';
import { pushAccount } from './push-account.ts';

const nodeOne = { tenant: 'default', host: 'node-1' };
const nodeTwo = { tenant: 'default', host: 'node-2' };

let nats: TestNats;
let services: NatsConnection;
let agent: NatsConnection;

before(async () => {
  nats = await startTestNats();
  services = await connectServices(nats);
  const manager = await jetstreamManager(services);
  await manager.streams.add({ name: 'INGEST', subjects: ['hv.>'] });
  await manager.streams.add({ name: 'EVENTS', subjects: ['events.>'] });
  agent = await connectAgent(nats, nodeOne);
});

after(async () => {
  await agent?.close();
  await services?.close();
  await nats?.stop();
});

test("an agent's publish is acknowledged by JetStream in its own inbox", async () => {
  const answer = await agent.request('hv.default.node-1.server.started', '{}', { timeout: 2000 });
  assert.equal(answer.json<{ stream: string }>().stream, 'INGEST');
  const ack = await jetstream(agent).publish('hv.default.node-1.server.started', '{}');
  assert.equal(ack.stream, 'INGEST');
});

test('the client that agents in the field use publishes through JetStream as well', async () => {
  const legacy = await connectLegacy({
    servers: nats.url,
    authenticator: legacyCredsAuthenticator(bytes(await nats.mintAgent(nodeOne))),
    inboxPrefix: inboxPrefix('default', 'node-1'),
  });
  try {
    const ack = await legacy.jetstream().publish('hv.default.node-1.server.started', '{}');
    assert.equal(ack.stream, 'INGEST');
    const answer = await legacy.request('hv.default.node-1.server.started', '{}');
    assert.equal(answer.json<{ stream: string }>().stream, 'INGEST');
  } finally {
    await legacy.close();
  }
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

test("P5 an agent that names another agent's inbox for the reply makes it hear nothing", async () => {
  for (const other of [nodeTwo, { tenant: 'other', host: 'node-1' }]) {
    await using victim = await connectAgent(nats, other);
    const prefix = inboxPrefix(other.tenant, other.host);
    const heard = victim.subscribe(`${prefix}.>`, { max: 1 });
    await victim.flush();
    await publishWithReply(`${prefix}.x`);
    await publishWithReply(`to.${prefix}.x`);
    services.publish(`to.${prefix}.y`, 'its own');
    for await (const message of heard) {
      assert.deepEqual([message.subject, message.string()], [`${prefix}.y`, 'its own']);
    }
  }
});

test("P5 an agent's reply subject cannot purge a stream", async () => {
  await jetstream(services).publish('events.batch', 'kept');
  await publishWithReply('$JS.API.STREAM.PURGE.EVENTS');
  const manager = await jetstreamManager(services);
  assert.equal((await manager.streams.info('EVENTS')).state.messages, 1);
});

test("P5 an agent's reply subject cannot forge another agent's event", async () => {
  await publishWithReply('hv.other.node-1.server.deleted');
  await publishWithReply('hv.default.node-3.server.deleted');
  assert.deepEqual(await ingested('hv.other.>'), []);
  assert.deepEqual(await ingested('hv.default.node-3.>'), []);
});

test("P5 an agent's reply subject cannot write into the services' account", async () => {
  const seen: string[] = [];
  const watch = services.subscribe('>', {
    callback: (_, message) => void seen.push(message.subject),
  });
  await services.flush();
  for (const reply of ['events.batch', 'attempts.default.sub_1', '_INBOX.known', 'dlq.dead']) {
    await publishWithReply(reply);
  }
  watch.unsubscribe();
  // Its own events, and the subjects by which the server carries answers between accounts.
  const mine = /^(hv\.default\.node-1\.|_R_\.)/;
  assert.deepEqual(
    seen.filter((subject) => !mine.test(subject)),
    [],
  );
});

test("P5 an agent cannot publish as another host, use JetStream's API, or hear others", async () => {
  await using own = await connectAgent(nats, nodeOne);
  await using other = await connectAgent(nats, nodeTwo);
  const errors = errorsOf(own);
  const heard: string[] = [];
  own.subscribe('_INBOX_default_node-2.>', {
    callback: (error, message) => void heard.push(error === null ? message.subject : 'refused'),
  });
  own.publish('hv.default.node-2.server.forged', '{}');
  own.publish('$JS.API.STREAM.LIST', '', { reply: '_INBOX_default_node-1.list' });
  own.publish('to._INBOX_default_node-2.forged', '{}');
  await own.flush();
  await eventually(() => assert.equal(errors.length, 4, errors.join('\n')));
  await other.request('hv.default.node-2.server.stopped', '{}');
  await own.flush();
  assert.deepEqual(heard, ['refused']);
  assert.deepEqual(await ingested('hv.default.node-2.>'), ['hv.default.node-2.server.stopped']);
});

test('agents minted while the server runs work at once, and go on after a crash of the server', async () => {
  await using own = await startTestNats();
  await using its = await connectServices(own);
  const manager = await jetstreamManager(its);
  await manager.streams.add({ name: 'INGEST', subjects: ['hv.>'] });
  const texts = await Promise.all([own.mintAgent(nodeOne), own.mintAgent(nodeTwo)]);
  const publish = async (host: string, creds: string) => {
    await using connection = await connectWith(own.url, creds, `_INBOX_default_${host}`);
    const ack = await jetstream(connection).publish(`hv.default.${host}.server.started`, '{}');
    return ack.seq;
  };
  assert.equal(await publish('node-1', texts[0]), 1);
  assert.equal(await publish('node-2', texts[1]), 2);
  await own.kill9();
  await own.restart();
  assert.equal(await publish('node-1', texts[0]), 3);
  assert.equal(await publish('node-2', texts[1]), 4);
  const later = await own.mintAgent({ tenant: 'other', host: 'node-3' });
  await (await connectWith(own.url, later, '_INBOX_other_node-3')).close();
});

test('minting again adds credentials; a revocation cuts off the ones it names, at once and for good', async () => {
  await using own = await startTestNats();
  const { authority, systemCreds } = own;
  assert.ok(authority);
  const first = await own.mintAgent(nodeOne);
  const leaked = await mintAgentCredentials(authority, nodeOne);
  await using kept = await connectWith(own.url, first, '_INBOX_default_node-1');
  const cut = await connectWith(own.url, leaked.creds, '_INBOX_default_node-1');
  const revoked = new Map([[leaked.userPublicKey, new Date()]]);
  const { jwt } = await createAgentAccount(authority, nodeOne, { revoked });
  {
    await using system = await connectWith(own.url, systemCreds, '_INBOX');
    await pushAccount(system, jwt);
  }
  await cut.closed();
  await kept.flush();
  const refused = { servers: own.url, authenticator: creds(leaked.creds), reconnect: false };
  await assert.rejects(connect(refused), /authorization/i);
  await own.kill9();
  await own.restart();
  await assert.rejects(connect(refused), /authorization/i);
  await (await connectWith(own.url, first, '_INBOX_default_node-1')).close();
});

test('what a server refuses of an account is said, and only the system account may push one', async () => {
  await using stranger = await startTestNats();
  assert.ok(stranger.authority);
  await using system = await connectWith(nats.url, nats.systemCreds, '_INBOX');
  await assert.rejects(pushAccount(system, 'no account'), /refuses the account: .+/);
  const { jwt } = await createAgentAccount(stranger.authority, nodeOne);
  await assert.rejects(pushAccount(services, jwt));
  await assert.rejects(pushAccount(agent, jwt));
});

test('credentials made by an authority are refused by a server of another one', async () => {
  await using stranger = await startTestNats();
  // Together: the server asks others for an account that it does not know, for two seconds each.
  const texts = [nats.servicesCreds, nats.systemCreds, await nats.mintAgent(nodeOne)];
  await Promise.all(
    texts.map((text) =>
      assert.rejects(
        connect({ servers: stranger.url, authenticator: creds(text), reconnect: false }),
        /authorization/i,
      ),
    ),
  );
});

/** Publishes as the agent with a reply subject of its choice, and waits until the server has answered it. */
async function publishWithReply(reply: string): Promise<void> {
  agent.publish('hv.default.node-1.server.started', '{}', { reply });
  // Acknowledged after the one before: the same connection, the same stream.
  await agent.request('hv.default.node-1.server.started', '{}', { timeout: 2000 });
  await services.flush();
}

/** The different subjects in INGEST that fit the filter. */
async function ingested(filter: string): Promise<string[]> {
  const manager = await jetstreamManager(services);
  const { state } = await manager.streams.info('INGEST', { subjects_filter: filter });
  return Object.keys(state.subjects ?? {});
}

/** What the server refuses on this connection, as it comes. */
function errorsOf(connection: NatsConnection): string[] {
  const errors: string[] = [];
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'error') errors.push(String(status.error));
    }
  })();
  return errors;
}

async function connectAgent(server: TestNats, name: { tenant: string; host: string }) {
  return await connectWith(
    server.url,
    await server.mintAgent(name),
    inboxPrefix(name.tenant, name.host),
  );
}

async function connectServices(server: TestNats) {
  return await connectWith(server.url, server.servicesCreds, '_INBOX');
}

async function connectWith(
  url: string,
  text: string,
  prefix: string,
): Promise<NatsConnection & AsyncDisposable> {
  const connection = await connect({
    servers: url,
    authenticator: creds(text),
    inboxPrefix: prefix,
    reconnectTimeWait: 50,
  });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

function creds(text: string) {
  return credsAuthenticator(bytes(text));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
