import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayConfig } from './config.ts';

const env = {
  HOOKLINE_POSTGRES_URL: 'postgres://127.0.0.1/hookline',
  HOOKLINE_NATS_URL: 'nats://127.0.0.1:4222',
};

test('names of members to redact are a list, and none when unset', () => {
  assert.deepEqual(gatewayConfig(env).redactFields, []);
  const given = { ...env, HOOKLINE_REDACT_FIELDS: 'iban, phone_number,card.pan' };
  assert.deepEqual(gatewayConfig(given).redactFields, ['iban', 'phone_number', 'card.pan']);
});

test('a list that would redact everything, or nothing, is refused by name', () => {
  const tooMany = Array.from({ length: 201 }, (_, n) => `field${n}`).join();
  for (const bad of ['iban,,pan', 'a', '--', 'card number', 'größe', tooMany]) {
    assert.throws(
      () => gatewayConfig({ ...env, HOOKLINE_REDACT_FIELDS: bad }),
      /HOOKLINE_REDACT_FIELDS=.*it must be at most 200 names/,
      bad,
    );
  }
});
