import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContractError } from './contract-error.ts';
import { checkEventType, ingestSubject, isInboxOf, parseIngestSubject } from './subjects.ts';

test('a subject is taken apart into tenant, host and a type that keeps its dots', () => {
  const address = { tenant: 'acme-1', host: 'Node_1', type: 'server.backup.completed' };
  assert.deepEqual(parseIngestSubject(ingestSubject(address)), address);
});

test('a subject that breaks a rule is refused with a code', () => {
  const cases: [string, string][] = [
    ['hv.default.node-1', 'invalid_subject'],
    ['ev.default.node-1.server.started', 'invalid_subject'],
    ['hv.Default.node-1.server.started', 'invalid_subject'],
    [`hv.${'t'.repeat(41)}.node-1.x`, 'invalid_subject'],
    [`hv.default.${'n'.repeat(64)}.x`, 'invalid_subject'],
    ['hv.default.node-1.Server.started', 'invalid_type'],
    ['hv.default.node-1.server..started', 'invalid_type'],
    [`hv.default.node-1.${'x'.repeat(129)}`, 'invalid_type'],
    ['hv.default.node-1.hookline.ping', 'reserved_type'],
    ['hv.default.node-1.hookline', 'reserved_type'],
  ];
  for (const [subject, code] of cases) {
    assert.throws(
      () => parseIngestSubject(subject),
      (error) => error instanceof ContractError && error.code === code,
      subject,
    );
  }
  assert.doesNotThrow(() => checkEventType('hooklines.x'));
});

test('P5: only an inbox of the agent itself, without wildcards, may be answered', () => {
  const agent = { tenant: 'default', host: 'node-1' };
  assert.ok(isInboxOf('_INBOX_default_node-1.a.b', agent));
  for (const inbox of [
    '_INBOX_default_node-1',
    '_INBOX_default_node-1.',
    '_INBOX_default_node-1..a',
    '_INBOX_default_node-1.*',
    '_INBOX_default_node-1.>',
    '_INBOX_default_node-1.a b',
    '_INBOX_default_node-11.a',
    '_INBOX_other_node-1.a',
    '$JS.API.STREAM.PURGE.EVENTS',
    `_INBOX_default_node-1.${'x'.repeat(256)}`,
  ]) {
    assert.equal(isInboxOf(inbox, agent), false, inbox);
  }
});
