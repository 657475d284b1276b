import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DeadDelivery,
  FAILING_MAX_MS,
  GONE_REASON,
  inquire,
  judge,
  type WatchedSubscription,
} from './disabling.ts';

const day = 24 * 60 * 60 * 1000;
const now = Date.parse('2026-03-10T12:00:00Z');
const at = (msAgo: number) => new Date(now - msAgo);

const subscription: WatchedSubscription = {
  id: 'sub_1',
  tenant: 'default',
  state: 'active',
  disabledReason: undefined,
  enabledAt: at(30 * day),
  isProbed: false,
  enabledEpoch: 1,
  retryPolicy: { preset: 'cdhosting', disable: true },
  url: 'https://example.com/hook',
  description: '',
  notificationEmails: [],
  tenantContacts: [],
};

function dead(given: Partial<DeadDelivery> = {}): DeadDelivery {
  return {
    deliveryId: 'dlv_1',
    eventId: 'evt_1',
    eventType: 'server.started',
    eventRecordedAt: at(4 * 60 * 60 * 1000),
    subject: undefined,
    attemptsCount: 5,
    cause: 'http_error',
    error: undefined,
    firstAttemptAt: at(3 * 60 * 60 * 1000),
    diedAt: at(0),
    ...given,
  };
}

const kept = { kind: 'settled', verdict: { kind: 'keep' } };

test('cdhosting: a dead delivery disables unless another succeeded since its first attempt', () => {
  const delivery = dead();
  const inquiry = inquire(subscription, [delivery]);
  assert.deepEqual(inquiry, { kind: 'success_since', since: delivery.firstAttemptAt, delivery });
  assert.equal(judge(inquiry, true).kind, 'keep');
  assert.equal(judge(inquiry, false).kind, 'disable');
});

test('of several dead deliveries the one that began last decides', () => {
  const early = dead({ deliveryId: 'dlv_early', firstAttemptAt: at(10 * 60 * 60 * 1000) });
  const late = dead({ deliveryId: 'dlv_late', firstAttemptAt: at(60 * 60 * 1000) });
  for (const order of [
    [early, late],
    [late, early],
  ]) {
    const inquiry = inquire(subscription, order);
    assert.equal(inquiry.kind === 'success_since' && inquiry.delivery.deliveryId, 'dlv_late');
  }
});

test('standard: five days without one success disable', () => {
  const standard = { ...subscription, retryPolicy: { preset: 'standard', disable: true } as const };
  const inquiry = inquire(standard, [dead()]);
  assert.equal(inquiry.kind, 'failing_since');
  assert.deepEqual(inquiry.kind === 'failing_since' && inquiry.since, at(FAILING_MAX_MS));
  assert.equal(judge(inquiry, false).kind, 'keep');
  assert.equal(judge(inquiry, true).kind, 'disable');
  assert.deepEqual(inquire({ ...standard, enabledAt: at(4 * day) }, [dead()]), kept);
});

test('the policy decides whether failures disable, whatever its schedule', () => {
  const cases = [
    [{ preset: 'none', disable: false }, 'settled'],
    [{ preset: 'cdhosting', disable: false }, 'settled'],
    [{ preset: 'standard', disable: false }, 'settled'],
    [{ disable: false }, 'settled'],
    [{ disable: true }, 'success_since'],
    [{ preset: 'none', disable: true }, 'success_since'],
    [{ preset: 'standard', disable: true }, 'failing_since'],
  ] as const;
  for (const [retryPolicy, kind] of cases) {
    const inquiry = inquire({ ...subscription, retryPolicy }, [dead()]);
    assert.equal(inquiry.kind, kind, JSON.stringify(retryPolicy));
  }
});

test('410 disables under every policy, and is told of when the dispatcher has disabled already', () => {
  for (const state of ['active', 'paused', 'disabled'] as const) {
    const never = {
      ...subscription,
      state,
      retryPolicy: { preset: 'none', disable: false } as const,
    };
    const inquiry = inquire(never, [dead({ deliveryId: 'dlv_other' }), dead({ cause: 'gone' })]);
    const verdict = inquiry.kind === 'settled' ? inquiry.verdict : undefined;
    assert.equal(verdict?.kind === 'disable' && verdict.cause, 'gone', state);
    assert.equal(verdict?.kind === 'disable' && verdict.reason, GONE_REASON, state);
  }
});

test('what is not the endpoint’s fault disables nothing', () => {
  for (const cause of ['subscription_disabled', 'expired', 'skipped', 'unprocessable']) {
    assert.deepEqual(inquire(subscription, [dead({ cause })]), kept, cause);
  }
});

test('a deleted subscription, and one enabled since the death, are left alone', () => {
  assert.deepEqual(inquire({ ...subscription, state: 'deleted' }, [dead()]), kept);
  assert.deepEqual(inquire({ ...subscription, enabledAt: at(-1) }, [dead()]), kept);
  assert.deepEqual(
    inquire({ ...subscription, enabledAt: at(-1) }, [dead({ cause: 'gone' })]),
    kept,
  );
});

test('a disabling cut short is taken up again; one by somebody else is not', () => {
  const first = judge(inquire(subscription, [dead()]), false);
  assert.equal(first.kind, 'disable');
  const reason = first.kind === 'disable' ? first.reason : '';
  const again = inquire({ ...subscription, state: 'disabled', disabledReason: reason }, [dead()]);
  assert.deepEqual(again.kind === 'settled' && again.verdict, first);
  const other = { ...subscription, state: 'disabled', disabledReason: 'by hand' } as const;
  assert.deepEqual(inquire(other, [dead()]), kept);
});
