import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Filter, RetryPolicy, RetryPreset, Subscription } from '@hookline/contracts';
import { applyUpdateMask, readUpdateMask } from './subscription-update-mask.ts';

const current: Subscription = {
  ...Subscription.create(),
  url: 'https://a.example.com/',
  description: 'first',
  filter: { ...Filter.create(), types: ['server.*'], subjects: ['srv_1'] },
  format: 'standard',
  headers: { 'X-A': '1' },
  retryPolicy: { ...RetryPolicy.create(), preset: RetryPreset.RETRY_PRESET_STANDARD, jitter: 0.5 },
  auth: { method: { $case: 'bearer', value: { token: 'kept', base64: true } } },
};

function updated(wanted: Partial<Subscription>, mask?: string[]): Subscription {
  const message = { ...Subscription.create(), ...wanted };
  const read = readUpdateMask(mask, message);
  assert.ok(read.kind === 'paths', JSON.stringify(read));
  return applyUpdateMask(current, message, read.paths);
}

function faultsOf(...mask: string[]): string[] {
  const read = readUpdateMask(mask, Subscription.create());
  assert.ok(read.kind === 'faulty', `${mask} is taken`);
  assert.ok(read.faults.every(({ field }) => field === 'update_mask'));
  return read.faults.map(({ detail }) => detail);
}

test('only what is named changes, a field within another too, and a named field that is not sent is emptied', () => {
  const filter = { ...Filter.create(), types: ['user.*'] };
  assert.deepEqual(updated({ url: 'x', filter, description: 'new' }, ['description']), {
    ...current,
    description: 'new',
  });
  assert.deepEqual(updated({ filter }, ['filter.types']).filter, {
    ...filter,
    subjects: ['srv_1'],
  });
  assert.deepEqual(updated({ filter }, ['filter']).filter, filter);
  assert.equal(updated({}, ['description']).description, '');
  assert.equal(updated({}, ['auth']).auth, undefined);
  assert.deepEqual(updated({}, ['headers']).headers, {});
  assert.deepEqual(updated({}, ['filter.types']).filter?.types, []);
});

test('without a mask the fields that are set change; "*" names every field', () => {
  const changed = updated({ description: 'new', headers: { 'X-B': '2' }, id: 'sub_1', etag: '3' });
  assert.deepEqual(changed, { ...current, description: 'new', headers: { 'X-B': '2' } });
  assert.deepEqual(updated({ description: 'new' }, []), { ...current, description: 'new' });
  const whole = updated({ url: 'https://b.example.com/' }, ['*']);
  assert.deepEqual(whole, { ...Subscription.create(), url: 'https://b.example.com/' });
});

test('what only the server sets, secret, unknown names and what is within lists and maps is refused', () => {
  const refused = ['id', 'public_key', 'state', 'disabled_reason', 'etag', 'create_time', 'secret'];
  for (const path of [...refused, 'update_time', 'state.x']) assert.equal(faultsOf(path).length, 1);
  assert.match(faultsOf('secret')[0] ?? '', /RotateSecret/);
  for (const path of [
    'headers.X-A',
    'options.ids',
    'filter.types.0',
    'timeout.seconds',
    'url.host',
  ]) {
    assert.match(faultsOf(path)[0] ?? '', /is within/, path);
  }
  for (const path of ['', '.', 'retryPolicy', 'constructor', 'filter.', '*.url', 'nope']) {
    assert.equal(faultsOf(path).length, 1, path);
  }
  assert.equal(faultsOf('*', 'url').length, 1);
  assert.equal(faultsOf('nope', 'url', 'state').length, 2);
});

test('a preset named alone takes the place of delays, and delays that of a preset', () => {
  const delays = [{ seconds: 1n, nanos: 0 }];
  const policy = { ...RetryPolicy.create(), delays };
  const own = updated({ retryPolicy: policy }, ['retry_policy.delays']).retryPolicy;
  assert.deepEqual([own?.preset, own?.delays, own?.jitter], [0, delays, 0.5]);
  const both = { ...policy, preset: RetryPreset.RETRY_PRESET_NONE };
  const kept = updated({ retryPolicy: both }, ['retry_policy']).retryPolicy;
  assert.deepEqual([kept?.preset, kept?.delays], [RetryPreset.RETRY_PRESET_NONE, delays]);
  const preset = updated({ retryPolicy: both }, ['retry_policy.preset']).retryPolicy;
  assert.deepEqual([preset?.preset, preset?.delays], [RetryPreset.RETRY_PRESET_NONE, []]);
});

test('a credential left empty stays beside the same method, and is emptied when it is named', () => {
  const bearer = (token: string, base64: boolean): Partial<Subscription> => ({
    auth: { method: { $case: 'bearer', value: { token, base64 } } },
  });
  assert.deepEqual(updated(bearer('', false)).auth, bearer('kept', false).auth);
  assert.deepEqual(
    updated(bearer('', false), ['auth.bearer.base64']).auth,
    bearer('kept', false).auth,
  );
  assert.deepEqual(
    updated(bearer('new', true), ['auth.bearer.token']).auth,
    bearer('new', true).auth,
  );
  assert.deepEqual(updated(bearer('', true), ['auth.bearer.token']).auth, bearer('', true).auth);
  const basic = { method: { $case: 'basic', value: { username: 'u', password: '' } } } as const;
  assert.deepEqual(updated({ auth: basic }).auth, basic);
  assert.deepEqual(updated({}, ['auth.bearer']).auth, undefined);
  assert.deepEqual(updated({}, ['auth.basic']).auth, current.auth);
});
