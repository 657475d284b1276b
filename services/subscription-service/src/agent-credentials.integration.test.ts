import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import {
  AgentCredential,
  type CreateAgentCredentialResponse,
  inboxPrefix,
  ListAgentCredentialsRequest,
  subjects,
} from '@hookline/contracts';
import { mintAgentCredentials, readCredentials } from '@hookline/nats-authority';
import { eventually, startTestNats, type TestNats, tempDir } from '@hookline/testing';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import {
  refusalOf,
  type StartedService,
  startTestService,
  type TestService,
} from './test-service.ts';

type As = { readonly apiKey: string };

let running: TestService;
let service: StartedService;
let nats: TestNats;
let owned: AsyncDisposableStack;

before(async () => {
  owned = new AsyncDisposableStack();
  nats = owned.use(await startTestNats());
  running = owned.use(await startTestService({ nats }));
  service = owned.use(await running.start({ HOOKLINE_NATS_AUTHORITY: nats.authorityPath }));
});

after(() => owned.disposeAsync());

const create = (wanted: Partial<AgentCredential>, as: As = running.asOperator, requestId = '') =>
  service.admin.createAgentCredential(
    { agentCredential: { ...AgentCredential.create(), ...wanted }, requestId },
    as,
  );
const revoke = (id: string, as: As = running.asOperator) =>
  service.admin.revokeAgentCredential({ id, reason: '' }, as);
const list = (fields: Partial<ListAgentCredentialsRequest> = {}, as: As = running.asOperator) =>
  service.admin.listAgentCredentials({ ...ListAgentCredentialsRequest.create(), ...fields }, as);

async function connectAs(
  creds: string,
  prefix: string,
  url = nats.url,
): Promise<NatsConnection & AsyncDisposable> {
  const connection = await connect({
    servers: url,
    authenticator: credsAuthenticator(new TextEncoder().encode(creds)),
    inboxPrefix: prefix,
    reconnect: false,
  });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}
const connectAgent = ({ creds, agentCredential }: CreateAgentCredentialResponse) =>
  connectAs(creds, agentCredential?.inboxPrefix ?? '');

test('credentials for a host are minted: its agent publishes at once, and is answered', async () => {
  const made = await create({ hostName: 'node-7.example.com', description: 'rack 3' });
  const { id, createTime, userPublicKey, creator, ...shown } = made.agentCredential ?? {};
  assert.match(id ?? '', /^agt_/);
  assert.match(userPublicKey ?? '', /^U/);
  assert.match(creator ?? '', /^key_/);
  assert.ok(createTime);
  assert.deepEqual(shown, {
    expireTime: undefined,
    lastSeenTime: undefined,
    revokeTime: undefined,
    tenant: 'default',
    hostName: 'node-7.example.com',
    host: 'node-7-example-com',
    description: 'rack 3',
    publishPrefix: 'hv.default.node-7-example-com.',
    inboxPrefix: '_INBOX_default_node-7-example-com',
  });
  assert.deepEqual(made.natsUrls, [nats.url]);
  await using agent = await connectAgent(made);
  const subject = 'hv.default.node-7-example-com.server.started';
  const answer = await agent.request(subject, '{}', { timeout: 2_000 });
  assert.equal(answer.json<{ stream: string }>().stream, 'INGEST');
  const got = await service.admin.getAgentCredential({ id: id ?? '' }, running.asOperator);
  assert.deepEqual(got.agentCredential, made.agentCredential);
});

test("P5 minted credentials reach no other host, no other's inbox, and not JetStream, also by a reply subject", async () => {
  const made = await create({ hostName: 'fenced-1' });
  const other = await create({ hostName: 'fenced-2' });
  await using agent = await connectAgent(made);
  await using victim = await connectAgent(other);
  await using services = await connectAs(nats.servicesCreds, '_INBOX');
  const refused: string[] = [];
  void (async () => {
    for await (const each of agent.status()) {
      if (each.type === 'error') refused.push(String(each.error));
    }
  })();
  const heard: string[] = [];
  const record = (_: unknown, message: { subject: string }) => void heard.push(message.subject);
  victim.subscribe('_INBOX_default_fenced-2.>', { callback: record });
  services.subscribe('hv.default.fenced-2.>', { callback: record });
  services.subscribe('$JS.API.STREAM.PURGE.>', { callback: record });
  services.subscribe('$JS.API.STREAM.DELETE.>', { callback: record });
  await Promise.all([victim.flush(), services.flush()]);
  const forbidden = {
    publish: [
      'hv.default.fenced-2.server.started',
      'hv.other.fenced-1.server.started',
      '$JS.API.STREAM.PURGE.INGEST',
      '$JS.API.CONSUMER.CREATE.INGEST',
      '$SYS.REQ.SERVER.PING',
      subjects.subscriptionChanged,
      subjects.credentialsChanged,
    ],
    hear: ['_INBOX_default_fenced-2.>', '_INBOX.>', 'hv.>', '$JS.API.>', '$SYS.>', '>'],
  };
  for (const subject of forbidden.publish) agent.publish(subject, '{}');
  for (const subject of forbidden.hear) agent.subscribe(subject, { callback: () => {} });
  await agent.flush();
  await eventually(() => {
    const named = (subject: string) => refused.some((text) => text.includes(`"${subject}"`));
    for (const subject of [...forbidden.publish, ...forbidden.hear]) {
      assert.ok(named(subject), `${subject} was not refused`);
    }
  });
  const own = 'hv.default.fenced-1.server.started';
  for (const reply of [
    '$JS.API.STREAM.PURGE.INGEST',
    '$JS.API.STREAM.DELETE.INGEST',
    '_INBOX_default_fenced-2.x',
    'hv.default.fenced-2.server.started',
  ]) {
    agent.publish(own, '{}', { reply });
  }
  // Acknowledged after the ones before: whatever these could cause has happened by then.
  await agent.request(own, '{}', { timeout: 2_000 });
  await Promise.all([services.flush(), victim.flush()]);
  assert.deepEqual(heard, []);
});

test('a revocation closes the live connection and lets it in no more, and spares the other credentials of the host', async () => {
  const leaked = await create({ hostName: 'node-8' });
  const kept = await create({ hostName: 'node-8' });
  await using cut = await connectAgent(leaked);
  await using stays = await connectAgent(kept);
  const { agentCredential } = await revoke(leaked.agentCredential?.id ?? '');
  assert.ok(agentCredential?.revokeTime);
  await cut.closed();
  await assert.rejects(connectAgent(leaked), /authorization/i);
  await stays.flush();
  const again = await revoke(leaked.agentCredential?.id ?? '');
  assert.deepEqual(again.agentCredential, agentCredential);
  const later = await create({ hostName: 'node-8' });
  await revoke(later.agentCredential?.id ?? '');
  await assert.rejects(connectAgent(leaked), /authorization/i);
  await stays.flush();
});

test('a server that restarts, even without its accounts, knows agents and revocations again', async () => {
  const leaked = await create({ hostName: 'node-9' });
  const kept = await create({ hostName: 'node-9' });
  await revoke(leaked.agentCredential?.id ?? '');
  await nats.kill9();
  await nats.forgetAccounts();
  await nats.restart();
  await eventually(async () => {
    await using agent = await connectAgent(kept);
    await agent.flush();
  });
  await assert.rejects(connectAgent(leaked), /authorization/i);
});

test('two host names of one token are refused, unless the first has no credentials left', async () => {
  const { agentCredential } = await create({ hostName: 'a.b' });
  await create({ hostName: 'a.b' });
  const refusal = await refusalOf(create({ hostName: 'a-b' }));
  assert.equal(refusal.code, status.ALREADY_EXISTS);
  assert.match(refusal.message, /host "a\.b" has/);
  const { as } = await running.tenant('elsewhere');
  await create({ hostName: 'a-b' }, as);
  const { agentCredentials } = await list({ host: 'a-b' });
  for (const { id } of agentCredentials) await revoke(id);
  assert.ok(agentCredential);
  assert.equal((await create({ hostName: 'a-b' })).agentCredential?.host, 'a-b');
});

test('what is asked for is checked; the same request_id answers the same credentials', async () => {
  const faults = [
    { hostName: '' },
    { hostName: 'a b' },
    { hostName: `${'a'.repeat(64)}` },
    { hostName: 'ok', description: 'x'.repeat(201) },
    { hostName: 'ok', expireTime: new Date(0) },
  ];
  for (const fault of faults) {
    assert.equal((await refusalOf(create(fault))).code, status.INVALID_ARGUMENT);
  }
  const first = await create({ hostName: 'same' }, running.asOperator, 'a1');
  assert.deepEqual(await create({ hostName: 'same' }, running.asOperator, 'a1'), first);
});

test('credentials end at their time', async () => {
  const expireTime = new Date(Date.now() + 3_600_000);
  const { creds } = await create({ hostName: 'short', expireTime });
  const read = await readCredentials(creds);
  assert.equal(read.expiresAt?.getTime(), Math.floor(expireTime.getTime() / 1_000) * 1_000);
});

test('P5 credentials are listed within their tenant, with the time of the last event, and found by no other', async () => {
  const { as } = await running.tenant('hosts');
  const { as: other } = await running.tenant('hosts-2');
  const made = await create({ hostName: 'seen' }, as);
  const id = made.agentCredential?.id ?? '';
  await running.database.pool.query(
    "INSERT INTO hookline.agent (tenant, host, last_event_at) VALUES ('hosts', 'seen', '2030-01-01T00:00:00Z')",
  );
  const { agentCredentials } = await list({}, as);
  assert.deepEqual(
    agentCredentials.map(({ host, lastSeenTime }) => [host, lastSeenTime]),
    [['seen', new Date('2030-01-01T00:00:00Z')]],
  );
  const unknown = await refusalOf(service.admin.getAgentCredential({ id: 'agt_none' }, other));
  assert.equal(unknown.code, status.NOT_FOUND);
  assert.deepEqual(await refusalOf(service.admin.getAgentCredential({ id }, other)), unknown);
  assert.deepEqual(await refusalOf(revoke(id, other)), unknown);
  await revoke(id, as);
  assert.deepEqual((await list({}, as)).agentCredentials, []);
  assert.equal((await list({ includeInactive: true }, as)).agentCredentials.length, 1);
});

test("a deleted tenant's agents are cut off", async () => {
  const { tenant, as } = await running.tenant('hosts-gone');
  const made = await create({ hostName: 'gone' }, as);
  await using agent = await connectAgent(made);
  const deletion = { id: tenant.id, confirmName: 'hosts-gone', etag: '' };
  await service.admin.deleteTenant(deletion, running.asOperator);
  await agent.closed();
  await assert.rejects(connectAgent(made), /authorization/i);
});

test('credentials made with the installation are on record, listed and revocable', async () => {
  assert.ok(nats.authority);
  await using folder = await tempDir('first-agent');
  const path = join(folder.path, 'agent.creds');
  const { creds } = await mintAgentCredentials(nats.authority, {
    tenant: 'default',
    host: 'node-1',
  });
  await writeFile(path, creds);
  const env = {
    HOOKLINE_NATS_AUTHORITY: nats.authorityPath,
    HOOKLINE_BOOTSTRAP_AGENT_CREDS: path,
  };
  await (await running.start(env))[Symbol.asyncDispose]();
  await using _again = await running.start(env);
  const { agentCredentials } = await list({ host: 'node-1' });
  assert.deepEqual(
    agentCredentials.map(({ hostName, creator }) => [hostName, creator]),
    [['node-1', 'bootstrap']],
  );
  const inbox = inboxPrefix('default', 'node-1');
  await using agent = await eventually(() => connectAs(creds, inbox));
  await revoke(agentCredentials[0]?.id ?? '');
  await agent.closed();
});

test('without the keys of the operator, or with a server that is not in operator mode, it is said what to configure', async () => {
  const wanted = { ...AgentCredential.create(), hostName: 'node-1' };
  const request = { agentCredential: wanted, requestId: '' };
  const none = await refusalOf(running.admin.createAgentCredential(request, running.asOperator));
  assert.equal(none.code, status.FAILED_PRECONDITION);
  assert.match(none.message, /HOOKLINE_NATS_AUTHORITY is not set/);
  await using open = await startTestNats({ operatorMode: false });
  await using stranger = await startTestNats();
  for (const [url, creds] of [
    [open.url, ''],
    [stranger.url, stranger.servicesCreds],
  ] as const) {
    await using folder = await tempDir('creds');
    const path = join(folder.path, 'services.creds');
    await writeFile(path, creds);
    await using elsewhere = await running.start({
      HOOKLINE_NATS_URL: url,
      HOOKLINE_NATS_CREDS: creds === '' ? '' : path,
      HOOKLINE_NATS_AUTHORITY: nats.authorityPath,
    });
    const refusal = await refusalOf(
      elsewhere.admin.createAgentCredential(request, running.asOperator),
    );
    assert.equal(refusal.code, status.FAILED_PRECONDITION, refusal.message);
    assert.match(refusal.message, /not in operator mode, or has another operator/);
  }
});
