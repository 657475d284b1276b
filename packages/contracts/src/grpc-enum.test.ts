import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryState, Outcome, State } from './grpc.ts';
import { enumText, enumTexts, enumValue } from './grpc-enum.ts';

test('a value and its name in REST are each other’s inverse', () => {
  assert.equal(enumText(State, 'STATE_', State.STATE_ACTIVE), 'active');
  for (const text of enumTexts(Outcome, 'OUTCOME_')) {
    const value = enumValue(Outcome, 'OUTCOME_', text);
    assert.ok(value !== undefined);
    assert.equal(enumText(Outcome, 'OUTCOME_', value), text);
  }
});

test('UNSPECIFIED, unknown numbers and unknown names are undefined', () => {
  assert.equal(enumText(State, 'STATE_', State.STATE_UNSPECIFIED), undefined);
  assert.equal(enumText(State, 'STATE_', 99), undefined);
  assert.equal(enumText(State, 'STATE_', State.UNRECOGNIZED), undefined);
  for (const text of ['unspecified', 'ACTIVE', 'unrecognized', '']) {
    assert.equal(enumValue(State, 'STATE_', text), undefined);
  }
});

test('outcomes and delivery states have the names of the contract', () => {
  const outcomes =
    'succeeded http_error redirect gone throttled timeout connection_failed tls_failed dns_failed address_refused response_too_large unknown';
  assert.equal(enumTexts(Outcome, 'OUTCOME_').join(' '), outcomes);
  const states = 'pending scheduled succeeded dead cancelled expired';
  assert.equal(enumTexts(DeliveryState, 'DELIVERY_STATE_').join(' '), states);
});
