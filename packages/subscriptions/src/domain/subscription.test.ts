import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainError } from '@hookline/contracts';
import { decide, type SubscriptionCommand, subscriptionDecider } from './decide.ts';
import { settingsOf } from './settings-fixture.ts';
import type { SubscriptionEvent } from './subscription.ts';

const at = '2025-01-15T10:30:00.000Z';
const created: SubscriptionEvent = {
  type: 'SubscriptionCreated',
  id: 'sub_1',
  tenant: 'default',
  hookNumber: 7,
  settings: settingsOf(),
  secret: 'a-secret-of-theirs',
  at,
};
const disabled: SubscriptionEvent = { type: 'SubscriptionDisabled', reason: '410 Gone', at };
const deleted: SubscriptionEvent = { type: 'SubscriptionDeleted', at };

const given = (...events: SubscriptionEvent[]) => {
  const state = events.reduce(subscriptionDecider.evolve, subscriptionDecider.initialState());
  return {
    state,
    when: (command: SubscriptionCommand) => ({
      happens: (...expected: SubscriptionEvent[]) =>
        assert.deepEqual(decide(command, state), expected),
      isRefused: (code: string) =>
        assert.throws(
          () => decide(command, state),
          (error) => error instanceof DomainError && error.code === code,
        ),
    }),
  };
};

const { type: _, ...content } = created;
const create: SubscriptionCommand = { kind: 'create', ...content };
const disable: SubscriptionCommand = { kind: 'disable', reason: '410 Gone', at };
const remove: SubscriptionCommand = { kind: 'delete', at };

test('a subscription is created once', () => {
  given().when(create).happens(created);
  given(created).when(create).isRefused('already_exists');
  given(created, deleted).when(create).isRefused('already_exists');
});

test('disabling happens once, and not to what is deleted', () => {
  given(created).when(disable).happens(disabled);
  given(created, disabled).when(disable).happens();
  given(created, deleted).when(disable).happens();
  given().when(disable).isRefused('not_found');
});

test('deleting happens once, whatever the state', () => {
  given(created).when(remove).happens(deleted);
  given(created, disabled).when(remove).happens(deleted);
  given(created, deleted).when(remove).isRefused('not_found');
  given().when(remove).isRefused('not_found');
});

test('the reason belongs to the disabled state alone', () => {
  const { state } = given(created, disabled);
  assert.ok(state.state === 'disabled' && state.disabledReason === '410 Gone');
  assert.ok(!('disabledReason' in given(created, disabled, deleted).state));
});
