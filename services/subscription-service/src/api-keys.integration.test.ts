import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import {
  ApiKey,
  ListApiKeysRequest,
  ListSubscriptionsRequest,
  Role,
  TenantQuotas,
} from '@hookline/contracts';
import { readStream } from '@hookline/event-log';
import {
  refusalOf,
  type StartedService,
  startTestService,
  type TestService,
} from './test-service.ts';

type As = { readonly apiKey: string };

let running: TestService;
let second: StartedService;
let owned: AsyncDisposableStack;

before(async () => {
  owned = new AsyncDisposableStack();
  running = owned.use(await startTestService());
  second = owned.use(await running.start());
});

after(() => owned.disposeAsync());

const create = (apiKey: Partial<ApiKey>, as: As = running.asOperator, requestId = '') =>
  running.admin.createApiKey({ apiKey: { ...ApiKey.create(), ...apiKey }, requestId }, as);
const made = async (apiKey: Partial<ApiKey>, as?: As): Promise<ApiKey> => {
  const { apiKey: key } = await create({ role: Role.ROLE_VIEWER, ...apiKey }, as);
  assert.ok(key);
  return key;
};
const list = (fields: Partial<ListApiKeysRequest>, as: As = running.asOperator) =>
  running.admin.listApiKeys({ ...ListApiKeysRequest.create(), ...fields }, as);
const revoke = (id: string, as: As = running.asOperator, reason = '') =>
  running.admin.revokeApiKey({ id, reason }, as);
const read = (as: As, from: Pick<StartedService, 'subscriptions'> = running) =>
  from.subscriptions.listSubscriptions(ListSubscriptionsRequest.create(), as);

test('a key is shown once; what is kept of it is its hash, prefix, creator and use', async () => {
  const key = await made({ name: 'reader' });
  assert.match(key.secret, /^hk_[A-Za-z0-9_-]{43}$/);
  assert.equal(key.prefix, key.secret.slice(0, 9));
  assert.match(key.creator, /^key_/);
  await read({ apiKey: key.secret });
  const { apiKey: got } = await running.admin.getApiKey({ id: key.id }, running.asOperator);
  assert.ok(got?.lastUseTime);
  assert.equal(got.lastUseTime.getTime() % 60_000, 0);
  assert.deepEqual({ ...got, lastUseTime: undefined }, { ...key, secret: '' });
  const { apiKeys } = await list({});
  assert.ok(apiKeys.every(({ secret }) => secret === ''));
  assert.equal(apiKeys.at(-1)?.creator, 'bootstrap');
});

test('what a key may be is checked, and the same request_id answers the same credential', async () => {
  const faults = [
    { role: Role.ROLE_UNSPECIFIED },
    { role: Role.ROLE_VIEWER, name: 'x'.repeat(201) },
    { role: Role.ROLE_VIEWER, expireTime: new Date(Date.now() - 1) },
  ];
  for (const fault of faults) {
    assert.equal((await refusalOf(create(fault))).code, status.INVALID_ARGUMENT);
  }
  const viewer = { role: Role.ROLE_VIEWER };
  const [one, two] = await Promise.all([
    create(viewer, running.asOperator, 'k1'),
    create(viewer, running.asOperator, 'k1'),
  ]);
  assert.deepEqual(one, two);
  const other = create({ role: Role.ROLE_EDITOR }, running.asOperator, 'k1');
  assert.equal((await refusalOf(other)).code, status.ALREADY_EXISTS);
});

test('P5 a revoked key is refused at once by this process and by others, and the revocation is on record', async () => {
  const key = await made({});
  const as = { apiKey: key.secret };
  await Promise.all([read(as), read(as, second)]);
  await revoke(key.id, running.asOperator, 'lost');
  const revokedAt = performance.now();
  assert.equal((await refusalOf(read(as))).code, status.UNAUTHENTICATED);
  let refused = false;
  while (!refused) {
    refused = await read(as, second).then(
      () => false,
      (error) => error.code === status.UNAUTHENTICATED,
    );
  }
  // The memory of two seconds alone would let it in for longer.
  assert.ok(performance.now() - revokedAt < 1_000);
  const again = await revoke(key.id);
  assert.ok(again.apiKey?.revokeTime);
  const { events } = await readStream(running.database.kysely, `api-key:${key.id}`);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['ApiKeyCreated', 'ApiKeyRevoked'],
  );
});

test('the last admin key of a tenant stays, also when the last two are revoked at once', async () => {
  const { as } = await running.tenant('last-admin');
  const { apiKeys } = await list({ tenant: 'last-admin' });
  const first = apiKeys[0]?.id ?? '';
  assert.equal((await refusalOf(revoke(first, as))).code, status.FAILED_PRECONDITION);
  const other = await made({ role: Role.ROLE_ADMIN }, as);
  const results = await Promise.allSettled([revoke(first), revoke(other.id)]);
  const passed = results.filter((result) => result.status === 'fulfilled');
  assert.equal(passed.length, 1);
  const left = await list({ tenant: 'last-admin', roles: [Role.ROLE_ADMIN] });
  assert.equal(left.apiKeys.length, 1);
});

test('a quota holds for many creations at once; what was revoked makes room', async () => {
  const quotas = { ...TenantQuotas.create(), credentialsMax: 3n };
  const { as } = await running.tenant('few-keys', { quotas });
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () => create({ role: Role.ROLE_VIEWER }, as)),
  );
  const refused = results.filter((result) => result.status === 'rejected');
  assert.equal(refused.length, 3);
  for (const { reason } of refused) assert.equal(reason.code, status.RESOURCE_EXHAUSTED);
  const { apiKeys } = await list({ roles: [Role.ROLE_VIEWER] }, as);
  await revoke(apiKeys[0]?.id ?? '', as);
  await made({}, as);
});

test('keys are listed newest first, by role, without those that work no longer', async () => {
  const { as } = await running.tenant('listed');
  const viewer = await made({ name: 'a' }, as);
  const editor = await made({ name: 'b', role: Role.ROLE_EDITOR }, as);
  const expired = await made({ expireTime: new Date(Date.now() + 3_600_000) }, as);
  await running.database.pool.query(
    "UPDATE hookline.api_key SET expires_at = now() - interval '1 s' WHERE key_id = $1",
    [expired.id],
  );
  const ids = async (fields: Partial<ListApiKeysRequest>) =>
    (await list(fields, as)).apiKeys.map(({ id }) => id);
  assert.deepEqual((await ids({})).slice(0, 2), [editor.id, viewer.id]);
  assert.deepEqual(await ids({ roles: [Role.ROLE_VIEWER] }), [viewer.id]);
  assert.equal((await ids({ includeInactive: true }))[0], expired.id);
  const page = await list({ pageSize: 1 }, as);
  assert.deepEqual(await ids({ pageSize: 1, pageToken: page.nextPageToken }), [viewer.id]);
  const foreign = list({ pageSize: 1, pageToken: page.nextPageToken, includeInactive: true }, as);
  assert.equal((await refusalOf(foreign)).code, status.INVALID_ARGUMENT);
});

test("P5 another tenant's keys are not found, only the operator reaches them, and only admins come in", async () => {
  const { as } = await running.tenant('fenced');
  const { as: other } = await running.tenant('fenced-2');
  const key = await made({ role: Role.ROLE_EDITOR }, as);
  const unknown = await refusalOf(running.admin.getApiKey({ id: 'key_none' }, other));
  assert.equal(unknown.code, status.NOT_FOUND);
  assert.deepEqual(await refusalOf(running.admin.getApiKey({ id: key.id }, other)), unknown);
  assert.deepEqual(await refusalOf(revoke(key.id, other)), unknown);
  const nowhere = await refusalOf(list({ tenant: 'no-such' }, other));
  assert.equal(nowhere.code, status.NOT_FOUND);
  assert.deepEqual(await refusalOf(list({ tenant: 'fenced' }, other)), nowhere);
  const planted = create({ role: Role.ROLE_VIEWER, tenant: 'fenced' }, other);
  assert.deepEqual(await refusalOf(planted), nowhere);
  assert.equal((await made({ tenant: 'fenced' })).tenant, 'fenced');
  const editor = { apiKey: key.secret };
  assert.equal((await refusalOf(list({}, editor))).code, status.PERMISSION_DENIED);
});
