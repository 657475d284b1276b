import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldEvents } from '@hookline/event-log';
import { checkTenantChanges, checkTenantName } from './check-tenant.ts';
import { noSettings, type TenantChanges, type TenantEvent, tenantDecider } from './tenant.ts';

const at = '2030-01-01T00:00:00Z';
const created: TenantEvent = {
  type: 'TenantCreated',
  id: 'ten_1',
  name: 'acme',
  settings: { ...noSettings, controlName: 'Acme', quotas: { subscriptionsMax: 5 } },
  at,
};
const decide = (changes: TenantChanges, byOperator = false, ...later: TenantEvent[]) =>
  tenantDecider.decide(
    { kind: 'update', changes, byOperator, at },
    foldEvents(tenantDecider, [created, ...later]),
  );
const remove = (confirmName: string, event: TenantEvent = created) =>
  tenantDecider.decide({ kind: 'delete', confirmName, at }, foldEvents(tenantDecider, [event]));

test('an update keeps only what changes, and decides nothing when nothing does', () => {
  assert.deepEqual(decide({ controlName: 'Other', strictEventTypes: false }), [
    { type: 'TenantUpdated', settings: { controlName: 'Other' }, at },
  ]);
  assert.deepEqual(decide({ controlName: 'Acme', quotas: { subscriptionsMax: 5 } }), []);
});

test('quotas are the operator’s: one of them is set or taken back, the others stay', () => {
  const quotas = { credentialsMax: 2, subscriptionsMax: null };
  assert.throws(() => decide({ quotas }), { code: 'permission_denied' });
  assert.deepEqual(decide({ quotas }, true), [
    { type: 'TenantUpdated', settings: { quotas: { credentialsMax: 2 } }, at },
  ]);
});

test('a deletion is confirmed by the name, and the operator’s tenant stays', () => {
  assert.deepEqual(remove('acme'), [{ type: 'TenantDeleted', at }]);
  assert.throws(() => remove('acm'), { code: 'failed_precondition' });
  const own = { ...created, name: 'default' };
  assert.throws(() => remove('default', own), { code: 'failed_precondition' });
  const deleted: TenantEvent = { type: 'TenantDeleted', at };
  assert.throws(() => decide({ controlName: 'x' }, true, deleted), { code: 'not_found' });
});

test('what a tenant may be is checked, field by field', () => {
  for (const name of ['', 'A', 'a b', 'a.b', 'x'.repeat(41)]) {
    assert.equal(checkTenantName(name).length, 1);
  }
  const faults = checkTenantChanges({
    controlName: 'x'.repeat(101),
    contacts: ['a@example.com', 'nobody'],
    controlDomain: 'a_b.example.com',
    controlSupportLink: 'https://user:password@example.com/',
    quotas: { subscriptionsMax: -1, requestsPerSecondMax: 0, credentialsMax: 2 ** 53 },
    customEventTypes: ['ok.type', 'Not.Ok'],
  });
  assert.deepEqual(
    faults.map(({ field }) => field),
    [
      'control_name',
      'contacts[1]',
      'control_domain',
      'control_support_link',
      'quotas.subscriptions_max',
      'quotas.requests_per_second_max',
      'quotas.credentials_max',
      'custom_event_types[1]',
    ],
  );
});
