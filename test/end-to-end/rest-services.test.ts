import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import {
  type AnswerCheck,
  createAnswerCheck,
} from '../../services/console/src/openapi/test-answers.ts';
import { openTenantStack, type TenantStack } from '../support/shared-stack.ts';

type Json = Record<string, unknown> & { readonly id: string };

let stack: TenantStack;
let receiver: Receiver;
let answers: AnswerCheck;

before(async () => {
  stack = await openTenantStack();
  receiver = await startReceiver();
  answers = await createAnswerCheck(stack.endpoints.http);
});
after(async () => {
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
});

/** Sends a request; its answer must be one that the OpenAPI document describes. */
async function send(
  method: string,
  path: string,
  given: { readonly body?: unknown; readonly headers?: Record<string, string>; key?: string } = {},
) {
  const { body, headers = {}, key } = given;
  const response = await stack.rest(`/v1${path}`, {
    method,
    headers: { ...headers, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  await answers.check(method, `/v1${path}`, response);
  const text = await response.text();
  const json = (text === '' ? {} : JSON.parse(text)) as Json;
  return { status: response.status, headers: response.headers, json, text };
}
const idsOf = ({ json }: { json: Json }) => (json.data as Json[]).map(({ id }) => id);

const make = (body: object = {}) =>
  send('POST', '/webhooks', { body: { url: receiver.url, events: ['server.started'], ...body } });

test('a webhook is patched member by member, on condition, and what is faulty is named as REST names it', async () => {
  const auth = { bearer: { token: 'a token of the receiver' } };
  const made = await make({ headers: { 'X-Shop': '7', 'X-Old': '1' }, auth, description: 'mine' });
  const path = `/webhooks/${made.json.id}`;
  const body = {
    headers: { 'X-Old': null, 'X-New': '2' },
    description: null,
    retry: { delays_seconds: [1, 5], attempts_max: 3 },
    options: { signature_header: 'X-Signature' },
  };
  const patched = await send('PATCH', path, { body, headers: { 'if-match': '"1"' } });
  assert.equal(patched.status, 200, patched.text);
  assert.equal(patched.headers.get('etag'), '"2"');
  assert.deepEqual(patched.json.headers, { 'X-Shop': '7', 'X-New': '2' });
  assert.equal(patched.json.description, undefined);
  assert.deepEqual(patched.json.retry, { delays_seconds: [1, 5], attempts_max: 3 });
  assert.ok(!patched.text.includes('a token of'), 'a credential is never answered');
  const { json: read } = await send('GET', path);
  assert.deepEqual(read, patched.json);

  const preset = await send('PATCH', path, { body: { retry: { preset: 'standard' } } });
  assert.equal(preset.status, 200, preset.text);
  assert.deepEqual(preset.json.retry, { attempts_max: 3, preset: 'standard' });
  assert.equal((await send('PATCH', path, { body, headers: { 'if-match': '"1"' } })).status, 412);
  assert.equal((await send('PATCH', path, { body: {} })).headers.get('etag'), '"3"');
  const faulty = await send('PATCH', path, {
    body: { events: ['no spaces'], url: 'ftp://a.example' },
  });
  assert.equal(faulty.status, 400);
  const fields = (faulty.json.errors as { field: string }[]).map(({ field }) => field);
  assert.deepEqual(fields.sort(), ['events[0]', 'url']);
  const nowhere = await send('PATCH', '/webhooks/sub_01h455vb4pex5vsknk084sn02q', { body });
  assert.equal(nowhere.status, 404);
});

test('patches that meet are merged one after the other, and none is lost', async () => {
  const { json } = await make();
  const patches = Array.from({ length: 6 }, (_, index) =>
    send('PATCH', `/webhooks/${json.id}`, { body: { headers: { [`X-${index}`]: 'yes' } } }),
  );
  const results = await Promise.all(patches);
  const done = results.filter(({ status }) => status === 200);
  for (const { status, text } of results) assert.ok(status === 200 || status === 409, text);
  const { json: now } = await send('GET', `/webhooks/${json.id}`);
  assert.ok(done.length >= 5, `${done.length} of 6`);
  assert.equal(Object.keys(now.headers as object).length, done.length);
});

test('pause, resume, rotation, ping and health say what the services did', async () => {
  const { json } = await make();
  const path = `/webhooks/${json.id}`;
  const paused = await send('POST', `${path}/pause`);
  assert.deepEqual([paused.status, paused.json.state], [200, 'paused'], paused.text);
  const stale = await send('POST', `${path}/resume`, { headers: { 'if-match': '"1"' } });
  assert.equal(stale.status, 412);
  const resumed = await send('POST', `${path}/resume`);
  assert.deepEqual([resumed.status, resumed.json.state], [200, 'active'], resumed.text);

  const rotation = { body: { overlap_seconds: 3600 }, headers: { 'idempotency-key': 'rotate' } };
  const rotated = await send('POST', `${path}/rotate-secret`, rotation);
  assert.equal(rotated.status, 200, rotated.text);
  assert.match(String(rotated.json.secret), /^whsec_/);
  assert.notEqual(rotated.json.secret, json.secret);
  const again = await send('POST', `${path}/rotate-secret`, rotation);
  assert.deepEqual(again.json, rotated.json, 'a repeated key answers as the first one');
  const other = { ...rotation, body: { overlap_seconds: 60 } };
  assert.equal((await send('POST', `${path}/rotate-secret`, other)).status, 409);

  const before = receiver.requests.length;
  const pinged = await send('POST', `${path}/ping`);
  assert.equal(pinged.status, 200, pinged.text);
  assert.equal(receiver.requests.length, before + 1);
  const signature = String(receiver.requests.at(-1)?.headers['webhook-signature']);
  assert.equal(signature.split(' ').length, 2, 'signed with the new and the old secret');
  const health = await send('GET', `${path}/health`);
  assert.equal(health.status, 200, health.text);

  assert.equal((await send('DELETE', path)).status, 204);
  for (const action of ['pause', 'resume', 'ping', 'rotate-secret']) {
    assert.equal((await send('POST', `${path}/${action}`)).status, 404, action);
  }
  assert.equal((await send('GET', `${path}/health`)).status, 404);
});

test('P5 an operator makes a tenant over REST, whose admin makes and revokes keys and agents, all on record', async () => {
  const name = 'rest-shop';
  const wanted = { name, contacts: ['ops@example.com'], quotas: { credentials_max: 20 } };
  const headers = { 'idempotency-key': 'tenant-1' };
  const operator = { key: stack.operatorKey };
  const made = await send('POST', '/tenants', { ...operator, body: wanted, headers });
  assert.equal(made.status, 201, made.text);
  const { id } = made.json;
  assert.equal(made.headers.get('location'), `/v1/tenants/${id}`);
  const again = await send('POST', '/tenants', { ...operator, body: wanted, headers });
  assert.deepEqual(again.json, made.json);
  const { key } = made.json.admin_key as { key: string };
  const as = { key };

  const patch = { control_name: 'Shop', contacts: null, quotas: { subscriptions_max: 5 } };
  const changed = await send('PATCH', `/tenants/${id}`, { ...operator, body: patch });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual(changed.json.quotas, { subscriptions_max: 5, credentials_max: 20 });
  assert.deepEqual([changed.json.control_name, changed.json.contacts], ['Shop', []]);
  const cleared = await send('PATCH', `/tenants/${id}`, { ...operator, body: { quotas: null } });
  assert.deepEqual(cleared.json.quotas, {});
  const stale = { ...operator, body: patch, headers: { 'if-match': '"1"' } };
  assert.equal((await send('PATCH', `/tenants/${id}`, stale)).status, 412);
  const greedy = { ...as, body: { quotas: { subscriptions_max: 9 } } };
  assert.equal((await send('PATCH', `/tenants/${id}`, greedy)).status, 403);
  assert.equal((await send('POST', '/tenants', { ...as, body: { name: 'x' } })).status, 403);
  assert.deepEqual(idsOf(await send('GET', '/tenants', as)), [id]);

  const reader = await send('POST', '/keys', { ...as, body: { role: 'viewer', name: 'reader' } });
  assert.equal(reader.status, 201, reader.text);
  const secret = String(reader.json.key);
  assert.equal((await send('GET', '/webhooks', { key: secret })).status, 200);
  assert.equal((await send('GET', '/keys', { key: secret })).status, 403);
  const readerPath = `/keys/${reader.json.id}`;
  assert.ok(!(await send('GET', readerPath, as)).text.includes(secret));
  assert.equal((await send('DELETE', `${readerPath}?reason=left`, as)).status, 204);
  assert.equal((await send('GET', '/webhooks', { key: secret })).status, 401);
  assert.ok(!idsOf(await send('GET', '/keys', as)).includes(reader.json.id));
  const inactive = await send('GET', '/keys?include_inactive=true&role=viewer', as);
  assert.deepEqual(idsOf(inactive), [reader.json.id]);
  const last = (made.json.admin_key as Json).id;
  assert.equal((await send('DELETE', `/keys/${last}`, as)).status, 409, 'the last admin key');

  const agent = await send('POST', '/agents', { ...as, body: { host_name: 'node-1.shop' } });
  assert.equal(agent.status, 201, agent.text);
  assert.match(String(agent.json.creds), /BEGIN NATS USER JWT/);
  const agentPath = `/agents/${agent.json.id}`;
  assert.equal((await send('GET', agentPath, as)).json.host, 'node-1-shop');
  assert.equal((await send('DELETE', agentPath, as)).status, 204);
  assert.deepEqual(idsOf(await send('GET', '/agents', as)), []);

  const entries = await send('GET', '/audit?action=api_key.*&action=agent_credential.*', as);
  const actions = (entries.json.data as Json[]).map(({ action, reason }) => [action, reason]);
  assert.deepEqual(actions, [
    ['agent_credential.revoked', null],
    ['agent_credential.created', null],
    ['api_key.revoked', 'left'],
    ['api_key.created', null],
    ['api_key.created', null],
  ]);
  assert.equal((await send('GET', '/audit?tenant=default', as)).status, 404);
  assert.equal(
    (await send('GET', `/audit?tenant=${name}&page_size=1`, operator)).json.next_page_token ===
      null,
    false,
  );
  const faulty = await send('GET', '/audit?action=Drop%20Table', as);
  assert.equal((faulty.json.errors as { field: string }[])[0]?.field, 'action[0]');

  assert.equal((await send('DELETE', `/tenants/${id}`, operator)).status, 409, 'without its name');
  assert.equal((await send('DELETE', `/tenants/${id}?confirm_name=${name}`, operator)).status, 204);
  await eventually(async () => assert.equal((await send('GET', '/webhooks', as)).status, 401));
});
