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
const paused: SubscriptionEvent = { type: 'SubscriptionPaused', at };
const resumed: SubscriptionEvent = { type: 'SubscriptionResumed', at };
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
const pause: SubscriptionCommand = { kind: 'pause', at };
const resume: SubscriptionCommand = { kind: 'resume', at };
const remove: SubscriptionCommand = { kind: 'delete', at };

test('a subscription is created once', () => {
  given().when(create).happens(created);
  given(created).when(create).isRefused('already_exists');
  given(created, deleted).when(create).isRefused('already_exists');
});

test('pausing and resuming happen once, and a disabled one cannot be paused', () => {
  given(created).when(pause).happens(paused);
  given(created, paused).when(pause).happens();
  given(created, paused).when(resume).happens(resumed);
  given(created).when(resume).happens();
  given(created, disabled).when(pause).isRefused('failed_precondition');
  given(created, disabled).when(resume).happens(resumed);
  given(created, deleted).when(resume).isRefused('not_found');
  assert.equal(given(created, paused, resumed).state.state, 'active');
});

test('an update happens when it changes something, and re-enables what is disabled in any case', () => {
  const settings = settingsOf({ description: 'new' });
  const updated: SubscriptionEvent = { type: 'SubscriptionUpdated', settings, at };
  const update: SubscriptionCommand = { kind: 'update', settings, at };
  const same: SubscriptionCommand = { kind: 'update', settings: settingsOf(), at };
  given(created).when(update).happens(updated);
  given(created).when(same).happens();
  given(created, paused).when(update).happens(updated);
  given(created, disabled).when(update).happens(updated, resumed);
  given(created, disabled).when(same).happens(resumed);
  given(created, deleted).when(update).isRefused('not_found');
  assert.equal(given(created, paused, updated).state.state, 'paused');
  const { state } = given(created, disabled, updated, resumed);
  assert.ok(state.state === 'active' && state.enabledAt === at && state.settings === settings);
});

const rotation = (number: number, overlapSeconds: number, timeSeconds = 0) => ({
  secret: `secret-${number}`,
  overlapEndsAt: new Date((timeSeconds + overlapSeconds) * 1_000).toISOString(),
  at: new Date(timeSeconds * 1_000).toISOString(),
});
const rotated = (...when: Parameters<typeof rotation>): SubscriptionEvent => ({
  type: 'SubscriptionSecretRotated',
  ...rotation(...when),
});
const rotate = (...when: Parameters<typeof rotation>): SubscriptionCommand => ({
  kind: 'rotate_secret',
  ...rotation(...when),
});
const secretsAfter = (...events: SubscriptionEvent[]) => {
  const { state } = given(created, ...events);
  assert.ok(state.state !== 'absent');
  return state.secrets.map(({ value, expiresAt }) => [
    value,
    expiresAt === undefined ? undefined : Date.parse(expiresAt) / 1_000,
  ]);
};

test('old secrets sign until the overlap ends or their own end comes, the newest first', () => {
  assert.deepEqual(secretsAfter(rotated(1, 60)), [
    ['secret-1', undefined],
    [created.secret, 60],
  ]);
  assert.deepEqual(secretsAfter(rotated(1, 60), rotated(2, 100, 10)), [
    ['secret-2', undefined],
    ['secret-1', 110],
    [created.secret, 60],
  ]);
  assert.deepEqual(secretsAfter(rotated(1, 60), rotated(2, 5, 60)), [
    ['secret-2', undefined],
    ['secret-1', 65],
  ]);
  assert.deepEqual(secretsAfter(rotated(1, 60), rotated(2, 0, 10)), [['secret-2', undefined]]);
  assert.deepEqual(secretsAfter(rotated(1, 60), rotated(2, 60), rotated(1, 60)), [
    ['secret-1', undefined],
    ['secret-2', 60],
    [created.secret, 60],
  ]);
});

test('five secrets sign at most, an overlap of zero always helps, and the present one is refused', () => {
  const four = [1, 2, 3, 4].map((number) => rotated(number, 60));
  given(created, ...four)
    .when(rotate(5, 60))
    .isRefused('resource_exhausted');
  given(created, ...four)
    .when(rotate(5, 0))
    .happens(rotated(5, 0));
  given(created, ...four)
    .when(rotate(5, 60, 60))
    .happens(rotated(5, 60, 60));
  given(created, ...four)
    .when(rotate(4, 0))
    .isRefused('invalid_argument');
  given(created, disabled).when(rotate(1, 0)).happens(rotated(1, 0));
  given(created, deleted).when(rotate(1, 0)).isRefused('not_found');
});

test('a signing key is kept only where the settings ask for one, and rotates with the secret', () => {
  const signingKey = { privateKey: 'whsk_x', publicKey: 'whpk_x' };
  const settings = settingsOf({ options: { signing: 'ed25519' } });
  given()
    .when({ ...create, signingKey })
    .happens(created);
  given()
    .when({ ...create, settings, signingKey })
    .happens({ ...created, settings, signingKey });
  const asked: SubscriptionEvent = { type: 'SubscriptionUpdated', settings, signingKey, at };
  given(created).when({ kind: 'update', settings, signingKey, at }).happens(asked);
  const { state } = given(created, asked);
  assert.ok(state.state === 'active' && state.secrets[0]?.signingKey === signingKey);
  const other = { privateKey: 'whsk_y', publicKey: 'whpk_y' };
  const further = settingsOf({ options: { signing: 'ed25519' }, description: 'x' });
  given(created, asked)
    .when({ kind: 'update', settings: further, signingKey: other, at })
    .happens({ type: 'SubscriptionUpdated', settings: further, at });
  given(created, asked)
    .when({ ...rotate(1, 60), signingKey: other } as SubscriptionCommand)
    .happens({ ...rotated(1, 60), signingKey: other } as SubscriptionEvent);
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
