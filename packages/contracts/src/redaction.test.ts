import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createRedaction,
  createRedactionWith,
  isSensitiveName,
  redactSensitive,
} from './redaction.ts';
import { cleanXenOrchestraCall } from './xen-orchestra-call.ts';

test('secrets are redacted at any depth and whatever they are, every other byte stays', () => {
  assert.equal(
    redactSensitive(
      '{ "n" : 1e2, "settings":{"encryptedPassword":"eyJpdiI6", "memory":1.0}, "vnc":[{"password":5}],\n"Access_Token":{"a":1},"apiKeys":["x"] }',
    ),
    '{ "n" : 1e2, "settings":{"encryptedPassword":"* redacted *", "memory":1.0}, "vnc":[{"password":"* redacted *"}],\n"Access_Token":"* redacted *","apiKeys":"* redacted *" }',
  );
  assert.equal(
    redactSensitive('{"password":false,"token":null,"secret":true,"pass\\u0077ord":""}'),
    '{"password":false,"token":null,"secret":true,"pass\\u0077ord":"* redacted *"}',
  );
});

test('names are known in every spelling, and alike names are let be', () => {
  const secret = [
    'token',
    'csrf-token',
    'rootPassword',
    'PASSPHRASE',
    'encryption_key',
    'cloudConfig',
  ];
  for (const name of secret) assert.equal(isSensitiveName(name), true, name);
  for (const name of ['tokenId', 'secretary', 'name', 'keys', 'uuid', 'status', '']) {
    assert.equal(isSensitiveName(name), false, name);
  }
});

test('the list and the marker can be others', () => {
  const redact = createRedaction({ anywhere: [], atEnd: ['email'], marker: '-' });
  assert.equal(redact('{"email":"a@b","password":"x"}'), '{"email":"-","password":"x"}');
});

test('a call of Xen Orchestra loses stacks, secrets and the token that it made', () => {
  assert.equal(
    cleanXenOrchestraCall(
      '{"type":"post","method":"vm.create","params":{"cloudConfig":"#cloud-config\\npassword: x","n":1e2},"error":{"message":"no","stack":"at /opt","data":{"stack":"at /opt"}}}',
    ),
    '{"type":"post","method":"vm.create","params":{"cloudConfig":"* redacted *","n":1e2},"error":{"message":"no","data":{"stack":"* removed *"}}}',
  );
  assert.equal(
    cleanXenOrchestraCall('{"method":"token.create","result":"abcdef"}'),
    '{"method":"token.create","result":"* obfuscated *"}',
  );
  assert.equal(
    cleanXenOrchestraCall('{"method":"vm.clone","result":"abcdef"}'),
    '{"method":"vm.clone","result":"abcdef"}',
  );
  assert.equal(cleanXenOrchestraCall('[1]'), '[1]');
});

test('further names are secrets as well, at the end of a name and however it is written', () => {
  const redact = createRedactionWith(['phone_number', 'IBAN']);
  assert.equal(
    redact('{"phoneNumber":"1","home-phone-numbers":["2"],"iban":3,"ibanId":"4","password":"5"}'),
    '{"phoneNumber":"* redacted *","home-phone-numbers":"* redacted *","iban":"* redacted *","ibanId":"4","password":"* redacted *"}',
  );
});
