import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import {
  CreateSubscriptionRequest,
  Filter,
  Subscription,
  Tenant,
  TenantQuotas,
} from '@hookline/contracts';
import { readStream } from '@hookline/event-log';
import { eventually } from '@hookline/testing';
import { refusalOf, startTestService, type TestService } from './test-service.ts';

let running: TestService;
let owned: AsyncDisposableStack;

before(async () => {
  owned = new AsyncDisposableStack();
  running = owned.use(await startTestService());
});

after(() => owned.disposeAsync());

const create = (tenant: Partial<Tenant>, requestId = '') =>
  running.admin.createTenant(
    { tenant: { ...Tenant.create(), ...tenant }, requestId },
    running.asOperator,
  );
const update = (tenant: Partial<Tenant>, updateMask?: string[], options = running.asOperator) =>
  running.admin.updateTenant({ tenant: { ...Tenant.create(), ...tenant }, updateMask }, options);
const quotas = (values: Partial<TenantQuotas>) => ({ ...TenantQuotas.create(), ...values });
const list = { pageSize: 0, pageToken: '', name: '' };

test('a tenant is created with its first admin key, which works at once', async () => {
  const wanted = {
    name: 'created',
    controlName: 'Created',
    contacts: ['ops@example.com'],
    controlDomain: 'panel.example.com',
    controlSupportLink: 'https://example.com/help',
    quotas: quotas({ subscriptionsMax: 5n, eventsPerSecondMax: 2.5 }),
    customEventTypes: ['billing.paid'],
    strictEventTypes: true,
  };
  const { tenant, adminKey } = await create(wanted);
  assert.ok(tenant && adminKey);
  assert.match(tenant.id, /^ten_/);
  const { id, etag, createTime, updateTime, ...shown } = tenant;
  assert.deepEqual(shown, { ...wanted, quotas: quotas(wanted.quotas) });
  assert.ok(createTime && updateTime && etag === '1');
  assert.equal(adminKey.tenant, 'created');
  const as = { apiKey: adminKey.secret };
  const got = await running.admin.getTenant({ id }, as);
  assert.deepEqual(got.tenant, tenant);
  assert.deepEqual((await running.admin.listTenants(list, as)).tenants, [tenant]);
});

test('the same request_id answers the same tenant and key; used otherwise it is refused', async () => {
  const [first, second] = await Promise.all([
    create({ name: 'repeated' }, 'r1'),
    create({ name: 'repeated' }, 'r1'),
  ]);
  assert.deepEqual(first, second);
  assert.match(first.adminKey?.secret ?? '', /^hk_/);
  const other = await refusalOf(create({ name: 'other-one' }, 'r1'));
  assert.equal(other.code, status.ALREADY_EXISTS);
  assert.equal((await refusalOf(create({ name: 'repeated' }))).code, status.ALREADY_EXISTS);
});

test('every faulty field of a tenant is named', async () => {
  const refusal = await refusalOf(
    create({
      name: 'No Name',
      contacts: ['nobody'],
      controlDomain: 'https://x',
      controlSupportLink: 'ftp://x',
      quotas: quotas({ eventsPerSecondMax: 0 }),
      customEventTypes: ['hookline.mine'],
    }),
  );
  assert.equal(refusal.code, status.INVALID_ARGUMENT);
  assert.match(refusal.message, /tenant\.name.*and 5 more/);
});

test('P5 an admin of another tenant reaches its own alone, and cannot tell what else there is', async () => {
  const { tenant } = await running.tenant('walled');
  const { tenant: own, as } = await running.tenant('walled-2');
  const unknown = await refusalOf(running.admin.getTenant({ id: 'ten_0000' }, as));
  assert.equal(unknown.code, status.NOT_FOUND);
  assert.deepEqual(await refusalOf(running.admin.getTenant({ id: tenant.id }, as)), unknown);
  assert.deepEqual(await refusalOf(update({ id: tenant.id, controlName: 'x' }, [], as)), unknown);
  assert.deepEqual((await running.admin.listTenants({ ...list, name: 'walled' }, as)).tenants, []);
  const request = { tenant: { ...Tenant.create(), name: 'mine' }, requestId: '' };
  assert.equal(
    (await refusalOf(running.admin.createTenant(request, as))).code,
    status.PERMISSION_DENIED,
  );
  const deletion = { id: own.id, confirmName: 'walled-2', etag: '' };
  assert.equal(
    (await refusalOf(running.admin.deleteTenant(deletion, as))).code,
    status.PERMISSION_DENIED,
  );
});

test('a mask says what changes: one quota, everything, or whatever is set', async () => {
  const { tenant } = await running.tenant('masked', {
    controlName: 'before',
    contacts: ['a@example.com'],
    quotas: quotas({ subscriptionsMax: 5n, credentialsMax: 9n }),
  });
  const { id } = tenant;
  const one = await update({ id, quotas: quotas({ subscriptionsMax: 6n }) }, [
    'quotas.subscriptions_max',
  ]);
  assert.deepEqual(one.tenant?.quotas, quotas({ subscriptionsMax: 6n, credentialsMax: 9n }));
  const set = await update({ id, controlName: 'after', quotas: quotas({ credentialsMax: 8n }) });
  assert.deepEqual(set.tenant?.quotas, quotas({ subscriptionsMax: 6n, credentialsMax: 8n }));
  assert.deepEqual([set.tenant?.controlName, set.tenant?.contacts], ['after', ['a@example.com']]);
  const cleared = await update({ id }, ['contacts', 'quotas']);
  assert.deepEqual([cleared.tenant?.contacts, cleared.tenant?.quotas], [[], undefined]);
  const all = await update({ id, strictEventTypes: true }, ['*']);
  assert.deepEqual([all.tenant?.controlName, all.tenant?.strictEventTypes], ['', true]);
  const same = await update({ id, strictEventTypes: true }, ['strict_event_types']);
  assert.equal(same.tenant?.etag, all.tenant?.etag);
  for (const path of ['name', 'id', 'etag', 'create_time', 'quotas.other', 'constructor']) {
    const refusal = await refusalOf(update({ id }, [path]));
    assert.equal(refusal.code, status.INVALID_ARGUMENT);
    assert.match(refusal.message, /^update_mask: /);
  }
  const renamed = await refusalOf(update({ id, name: 'renamed' }));
  assert.match(renamed.message, /keeps its name/);
});

test('only the operator changes quotas; what leaves them as they are passes', async () => {
  const { tenant, as } = await running.tenant('quota', {
    quotas: quotas({ subscriptionsMax: 5n }),
  });
  const { id } = tenant;
  const raise = update({ id, quotas: quotas({ subscriptionsMax: 50n }) }, undefined, as);
  assert.equal((await refusalOf(raise)).code, status.PERMISSION_DENIED);
  assert.equal((await refusalOf(update({ id }, ['*'], as))).code, status.PERMISSION_DENIED);
  const back = await update({ ...tenant, controlName: 'mine' }, ['*'], as);
  assert.equal(back.tenant?.controlName, 'mine');
});

test('a change on an older etag is ABORTED, and of two at once on one etag one passes', async () => {
  const { tenant } = await running.tenant('etag');
  const { id, etag } = tenant;
  const results = await Promise.allSettled(
    ['a', 'b'].map((controlName) => update({ id, etag, controlName })),
  );
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
  assert.equal((await refusalOf(update({ id, etag, controlName: 'c' }))).code, status.ABORTED);
  assert.equal((await refusalOf(update({ id, etag: 'x', controlName: 'c' }))).code, status.ABORTED);
});

test('tenants are listed by name, page after page', async () => {
  await running.tenant('list-b');
  await running.tenant('list-a');
  const names: string[] = [];
  let pageToken = '';
  do {
    const page = await running.admin.listTenants(
      { ...list, pageSize: 2, pageToken },
      running.asOperator,
    );
    names.push(...page.tenants.map(({ name }) => name));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  assert.deepEqual(names, [...names].sort());
  assert.ok(names.includes('default') && names.includes('list-b'));
});

test('a deleted tenant ends: subscriptions, keys, and what could be read of its events; its name is never used again', async () => {
  const { tenant, as } = await running.tenant('ending', { contacts: ['ops@ending.example'] });
  const wanted = CreateSubscriptionRequest.fromPartial({
    subscription: {
      ...Subscription.create(),
      url: 'https://receiver.example.com/',
      filter: { ...Filter.create(), types: ['server.started'] },
    },
  });
  const { subscription } = await running.subscriptions.createSubscription(wanted, as);
  const deletion = { id: tenant.id, confirmName: 'ending', etag: '' };
  const operator = running.asOperator;
  const wrong = { ...deletion, confirmName: 'endin' };
  assert.equal(
    (await refusalOf(running.admin.deleteTenant(wrong, operator))).code,
    status.FAILED_PRECONDITION,
  );
  await running.admin.deleteTenant(deletion, operator);
  assert.equal(
    (await refusalOf(running.admin.getTenant({ id: tenant.id }, as))).code,
    status.UNAUTHENTICATED,
  );
  assert.equal(
    (await refusalOf(running.admin.deleteTenant(deletion, operator))).code,
    status.NOT_FOUND,
  );
  assert.equal((await refusalOf(create({ name: 'ending' }))).code, status.ALREADY_EXISTS);
  const { pool, kysely } = running.database;
  await eventually(async () => {
    const { rows } = await pool.query(
      "SELECT purged_at FROM hookline.tenant WHERE name = 'ending' AND purged_at IS NOT NULL",
    );
    assert.equal(rows.length, 1);
  });
  const left = await pool.query(
    `SELECT (SELECT state FROM hookline.subscription WHERE subscription_id = $1) AS state,
      (SELECT count(*)::int FROM hookline.api_key WHERE tenant = 'ending' AND revoked_at IS NULL) AS keys,
      (SELECT count(*)::int FROM hookline.tenant_key WHERE tenant = 'ending') AS tenant_keys,
      (SELECT contacts FROM hookline.tenant WHERE name = 'ending') AS contacts`,
    [subscription?.id],
  );
  assert.deepEqual(left.rows, [{ state: 'deleted', keys: 0, tenant_keys: 0, contacts: [] }]);
  const { events } = await readStream(kysely, `subscription:${subscription?.id}`);
  assert.equal(events.at(-1)?.type, 'SubscriptionDeleted');
});

test('tenant default cannot be deleted', async () => {
  const { tenants } = await running.admin.listTenants(
    { ...list, name: 'default' },
    running.asOperator,
  );
  const deletion = { id: tenants[0]?.id ?? '', confirmName: 'default', etag: '' };
  const refusal = await refusalOf(running.admin.deleteTenant(deletion, running.asOperator));
  assert.equal(refusal.code, status.FAILED_PRECONDITION);
});

test('a deletion that was cut off is finished by the next start', async () => {
  const { tenant } = await running.tenant('cut-off');
  await running.database.pool.query(
    'UPDATE hookline.tenant SET deleted_at = now() WHERE tenant_id = $1',
    [tenant.id],
  );
  await using _second = await running.start();
  await eventually(async () => {
    const { rows } = await running.database.pool.query(
      "SELECT FROM hookline.tenant WHERE name = 'cut-off' AND purged_at IS NOT NULL",
    );
    assert.equal(rows.length, 1);
  });
});
