import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import {
  ApiKey,
  type AuditEntry,
  CreateSubscriptionRequest,
  Filter,
  ListAuditRequest,
  Role,
  Subscription,
  Tenant,
} from '@hookline/contracts';
import { refusalOf, startTestService, type TestService } from './test-service.ts';

type As = { readonly apiKey: string };

let running: TestService;
let owned: AsyncDisposableStack;

before(async () => {
  owned = new AsyncDisposableStack();
  running = owned.use(await startTestService());
});

after(() => owned.disposeAsync());

const audit = async (
  fields: Partial<ListAuditRequest> = {},
  as: As = running.asOperator,
): Promise<AuditEntry[]> => {
  const request = { ...ListAuditRequest.create(), ...fields };
  return (await running.admin.listAudit(request, as)).entries;
};
const update = (tenant: Partial<Tenant>, as: As) =>
  running.admin.updateTenant(
    { tenant: { ...Tenant.create(), ...tenant }, updateMask: undefined },
    as,
  );

test('an act is on record with who did it, from where, what changed from what to what, why, and its trace', async () => {
  const { tenant, as } = await running.tenant('audited', { contacts: ['a@example.com'] });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${traceId}-b7ad6b7169203331-00`;
  const call = { ...as, traceparent, forwardedFor: '203.0.113.7' };
  await update({ id: tenant.id, controlName: 'New', contacts: ['b@example.com'] }, call);
  const [entry] = await audit({}, as);
  assert.ok(entry);
  const { id, time, actor, ...rest } = entry;
  assert.match(id, /^aud_[0-9a-z]{26}$/);
  assert.ok(time);
  assert.match(actor?.id ?? '', /^key_/);
  assert.deepEqual(actor, { id: actor?.id, name: 'first admin key', remoteAddress: '203.0.113.7' });
  assert.deepEqual(rest, {
    action: 'tenant.updated',
    targetId: tenant.id,
    reason: '',
    changes: {
      control_name: { before: '', after: 'New' },
      contacts: { before: ['a@example.com'], after: ['b@example.com'] },
    },
    traceId,
  });
});

test('every change of a subscription is on record with who made it, from where, and its trace', async () => {
  const { as } = await running.tenant('audit-subscriptions');
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  const call = { ...as, traceparent, forwardedFor: '203.0.113.9' };
  const filter = { ...Filter.create(), types: ['server.started'] };
  const wanted = { ...Subscription.create(), url: 'https://receiver.example.com/', filter };
  const { subscriptions } = running;
  const created = { subscription: wanted, requestId: 'audited once' };
  const { subscription } = await subscriptions.createSubscription(created, call);
  const id = subscription?.id ?? '';
  const other = await subscriptions.createSubscription({ ...created, requestId: '' }, call);
  const target = { id, etag: '' };
  const revised = { ...Subscription.create(), id, description: 'new' };
  await subscriptions.updateSubscription({ subscription: revised, updateMask: undefined }, call);
  await subscriptions.pauseSubscription(target, call);
  await subscriptions.resumeSubscription(target, call);
  const rotation = { ...target, overlap: undefined, secret: '', requestId: '' };
  await subscriptions.rotateSecret(rotation, call);
  await subscriptions.deleteSubscription(target, call);
  const entries = await audit({ actions: ['subscription.*'] }, as);
  assert.deepEqual(
    entries.map(({ action, targetId }) => [action, targetId]),
    [
      ['subscription.deleted', id],
      ['subscription.secret_rotated', id],
      ['subscription.resumed', id],
      ['subscription.paused', id],
      ['subscription.updated', id],
      ['subscription.created', other.subscription?.id],
      ['subscription.created', id],
    ],
  );
  for (const { action, actor, traceId: found } of entries) {
    assert.equal(actor?.remoteAddress, '203.0.113.9', action);
    assert.equal(actor?.name, 'first admin key', action);
    assert.equal(found, traceId, action);
  }
  const { rows } = await running.database.pool.query(
    "SELECT extensions FROM hookline.event_log_aggregate WHERE tenant = 'audit-subscriptions'",
  );
  assert.ok(!JSON.stringify(rows).includes('203.0.113'), 'an address is sealed in the log');
});

test('P5 secrets are left out, and each tenant sees its own acts alone', async () => {
  const { as } = await running.tenant('audit-a');
  const { as: other } = await running.tenant('audit-b');
  const apiKey = { ...ApiKey.create(), role: Role.ROLE_VIEWER, name: 'reader' };
  const { apiKey: made } = await running.admin.createApiKey({ apiKey, requestId: '' }, as);
  await running.admin.revokeApiKey({ id: made?.id ?? '', reason: 'left in a repository' }, as);
  const wanted = CreateSubscriptionRequest.fromPartial({
    subscription: {
      ...Subscription.create(),
      url: 'https://receiver.example.com/',
      filter: { ...Filter.create(), types: ['server.started'] },
      headers: { 'X-Token': 'a secret of the receiver' },
      secret: 'a secret of the subscriber',
      notificationEmails: ['ops@example.com'],
    },
  });
  const { subscription } = await running.subscriptions.createSubscription(wanted, as);
  const entries = await audit({}, as);
  assert.deepEqual(
    entries.map(({ action, targetId, reason }) => [action, targetId, reason]).slice(0, 3),
    [
      ['subscription.created', subscription?.id, ''],
      ['api_key.revoked', made?.id, 'left in a repository'],
      ['api_key.created', made?.id, ''],
    ],
  );
  assert.deepEqual(entries[2]?.changes?.role, { after: 'viewer' });
  const text = JSON.stringify(entries);
  for (const secret of [made?.secret, 'a secret of', 'v2.', 'key_hash', 'keyHash']) {
    assert.ok(secret !== undefined && !text.includes(secret), secret);
  }
  const theirs = await audit({}, other);
  assert.deepEqual(theirs.map(({ action }) => action).sort(), [
    'api_key.created',
    'tenant.created',
  ]);
  const nowhere = await refusalOf(audit({ tenant: 'audit-a' }, other));
  assert.deepEqual(nowhere, await refusalOf(audit({ tenant: 'no-such' }, other)));
  assert.equal(nowhere.code, status.NOT_FOUND);
  assert.equal((await audit({ tenant: 'audit-a' })).length, entries.length);
});

test('what the first start makes is on record as of bootstrap', async () => {
  const entries = await audit({ actorId: 'bootstrap' });
  assert.deepEqual(
    entries.map(({ action, actor }) => [action, actor?.name, actor?.remoteAddress]),
    [
      ['api_key.created', '', ''],
      ['tenant.created', '', ''],
    ],
  );
});

test('entries are filtered by actor, target, action and time, and read page by page, newest first', async () => {
  const { tenant, as } = await running.tenant('filtered');
  for (const controlName of ['1', '2', '3', '4', '5']) {
    await update({ id: tenant.id, controlName }, as);
  }
  const all = await audit({}, as);
  const own = all[0]?.actor?.id ?? '';
  assert.equal((await audit({ actorId: own }, as)).length, 5);
  assert.equal((await audit({ targetId: tenant.id }, as)).length, 6);
  assert.equal((await audit({ actions: ['tenant.created', 'api_key.*'] }, as)).length, 2);
  assert.equal((await audit({ actions: ['tenant.up*'] }, as)).length, 5);
  assert.equal((await audit({ actions: ['tenant_updated'] }, as)).length, 0);
  const third = all[2]?.time;
  assert.ok(third);
  const later = await audit({ startTime: third }, as);
  const earlier = await audit({ endTime: third }, as);
  assert.equal(later.length + earlier.length, all.length);
  const paged: AuditEntry[] = [];
  let pageToken = '';
  do {
    const request = { ...ListAuditRequest.create(), pageSize: 2, pageToken };
    const page = await running.admin.listAudit(request, as);
    paged.push(...page.entries);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  assert.deepEqual(paged, all);
  for (const fields of [{ actions: ['Drop Table'] }, { pageToken: 'x' }, { pageSize: -1 }]) {
    assert.equal((await refusalOf(audit(fields, as))).code, status.INVALID_ARGUMENT);
  }
});

test('P8 the log of a deleted tenant is still read, with what was personal shredded', async () => {
  const { tenant, as } = await running.tenant('shredded', { contacts: ['a@example.com'] });
  await update({ id: tenant.id, controlName: 'x' }, as);
  const deletion = { id: tenant.id, confirmName: 'shredded', etag: '' };
  await running.admin.deleteTenant(deletion, running.asOperator);
  const entries = await audit({ tenant: 'shredded' });
  const actions = entries.map(({ action }) => action);
  assert.ok(actions.includes('tenant.deleted') && actions.includes('tenant.created'));
  const text = JSON.stringify(entries);
  assert.ok(!text.includes('a@example.com') && !text.includes('127.0.0.1'));
});

test('a page of a large log is read by an index', async () => {
  const { pool } = running.database;
  await pool.query(
    `INSERT INTO hookline.event_log (log_epoch, position, kind, recorded_at, stream, version, event_id,
       tenant, source, type, time, phase, extensions, data)
     SELECT 1, 1000000 + n, 'aggregate', now() - n * interval '1 s', 'tenant:ten_x', n, 'evt_' || n,
       'large-' || n % 10, 'hookline', 'TenantUpdated', '', 'post',
       '{"actor":"key:key_' || n % 100 || '"}', '{}' FROM generate_series(1, 20000) n`,
  );
  await pool.query('ANALYZE hookline.event_log_aggregate');
  for (const condition of [
    'true',
    "hookline.audit_actor(e.extensions) = 'key_7'",
    "hookline.audit_target(e.stream) = 'ten_x'",
  ]) {
    const { rows } = await pool.query(
      `EXPLAIN SELECT * FROM hookline.event_log_aggregate e WHERE e.tenant = 'large-7' AND ${condition}
       ORDER BY e.recorded_at DESC, e.position DESC LIMIT 50`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    assert.match(plan, /Index Scan (using|on) event_log_aggregate_/);
    assert.doesNotMatch(plan, /Seq Scan/);
  }
});
