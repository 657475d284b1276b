import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type IngestMessage, normaliseMessage } from './ingest-message.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function message(
  body: string | Uint8Array,
  { subject = 'hv.default.node-1.server.started', headers = {} as Record<string, string> } = {},
): IngestMessage {
  const entries = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return {
    subject,
    headers: new Map(entries),
    data: typeof body === 'string' ? Buffer.from(body) : body,
    streamSequence: 7,
    streamCreatedAt: new Date(1000),
  };
}

function accepted(...given: Parameters<typeof message>) {
  const result = normaliseMessage(message(...given), NOW_MS);
  assert.equal(result.kind, 'accepted');
  return result as Extract<typeof result, { kind: 'accepted' }>;
}

function rejected(...given: Parameters<typeof message>) {
  const result = normaliseMessage(message(...given), NOW_MS);
  assert.equal(result.kind, 'rejected');
  return result as Extract<typeof result, { kind: 'rejected' }>;
}

const cloudEvent = (members: string) =>
  `{"specversion":"1.0","id":"c1","source":"/panel","type":"server.started",${members}}`;

describe('a bare JSON object', () => {
  test('becomes the data, byte for byte', () => {
    const body = ' {"b":1.0, "a":1e2,\n"n":12345678901234567890,"u":"\\u00e9\\\\u0000"} ';
    assert.equal(accepted(body).event.data, body);
  });

  test('gets its envelope from subject, headers and defaults', () => {
    const { event, sourceId } = accepted('{}');
    assert.equal(event.tenant, 'default');
    assert.equal(event.type, 'server.started');
    assert.equal(event.source, '/hosts/node-1');
    assert.equal(event.phase, 'post');
    assert.equal(event.status, 'success');
    assert.equal(event.time, undefined);
    assert.equal(event.line, 'default/h/node-1');
    assert.equal(sourceId, 'stream:1000:7');
    const headers = {
      'Nats-Msg-Id': 'm1',
      'Hookline-Phase': 'pre',
      'Hookline-Subject': 'vm 9',
      'Hookline-Time': '2025-01-15T10:30:00.5+02:00',
      traceparent: TRACE,
    };
    const filled = accepted('{"server_id":"1"}', { headers });
    assert.equal(filled.sourceId, 'm1');
    assert.equal(filled.event.phase, 'pre');
    assert.equal(filled.event.status, undefined);
    assert.equal(filled.event.subject, 'vm 9');
    assert.equal(filled.event.time, '2025-01-15T10:30:00.5+02:00');
    assert.equal(filled.event.line, 'default/s/vm 9');
    assert.deepEqual(filled.event.extensions, { traceparent: TRACE });
  });

  test('names its server by the first usable member', () => {
    const cases: [string, string | undefined][] = [
      ['{"uuid":"u","id":"i","server":{"uuid":"su","id":"si"},"server_id":"s"}', 's'],
      ['{"uuid":"u","id":"i","server":{"uuid":"su","id":"si"}}', 'si'],
      ['{"uuid":"u","id":"i","server":{"uuid":"su"}}', 'su'],
      ['{"uuid":"u","id":"i"}', 'i'],
      ['{"uuid":"u","server":"x"}', 'u'],
      ['{"server_id":12345678901234567890123}', '12345678901234567890123'],
      ['{"server_id":1.5,"id":3}', '3'],
      ['{"server":{"id":7}}', '7'],
      ['{"server_id":"","id":null,"uuid":true}', undefined],
      [`{"server_id":"${'x'.repeat(257)}"}`, undefined],
    ];
    for (const [body, subject] of cases) assert.equal(accepted(body).event.subject, subject, body);
  });

  test('has a key of its own host, and a new one for every message without an id', () => {
    const key = (subject: string, headers: Record<string, string>) =>
      accepted('{}', { subject, headers }).event.key.toString('hex');
    const id = { 'Nats-Msg-Id': 'm1' };
    const keys = [
      key('hv.default.node-1.a', id),
      key('hv.default.node-2.a', id),
      key('hv.other.node-1.a', id),
      key('hv.default.node-1.a', {}),
    ];
    assert.equal(new Set(keys).size, 4);
    assert.equal(key('hv.default.node-1.b', id), keys[0]);
  });
});

describe('a CloudEvent', () => {
  test('keeps its attributes and the text of its data', () => {
    const body = cloudEvent(
      `"data": {"x":1.50} ,"subject":"s1","time":"2025-01-15T10:30:00Z","actor":"api","phase":"post","status":"fail","traceparent":"${TRACE}"`,
    );
    const { event, sourceId } = accepted(body, { headers: { 'Nats-Msg-Id': 'ignored' } });
    assert.equal(sourceId, 'c1');
    assert.equal(event.source, '/panel');
    assert.equal(event.data, '{"x":1.50}');
    assert.equal(event.subject, 's1');
    assert.equal(event.status, 'fail');
    assert.deepEqual(event.extensions, { actor: 'api', traceparent: TRACE });
  });

  test('names its server by its data when it has no subject', () => {
    assert.equal(
      accepted(cloudEvent('"data":{"server":{"id":90071992547409931}}')).event.subject,
      '90071992547409931',
    );
    assert.equal(accepted(cloudEvent('"data":[1]')).event.subject, undefined);
  });

  test('without a valid traceparent it begins a trace of its own, and is not refused', () => {
    const { traceparent } = accepted(cloudEvent('"traceparent":"nonsense"')).event.extensions;
    assert.match(String(traceparent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });
});

describe('a message is rejected, with a reason that says how to mend it', () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const cases: [string, string | Uint8Array, string, Parameters<typeof message>[1]?][] = [
    ['no JSON', 'hello', 'not_json'],
    ['nothing', '', 'not_json'],
    ['a list', '[]', 'not_an_object'],
    ['null', 'null', 'not_an_object'],
    ['a string', '"x"', 'not_an_object'],
    ['broken UTF-8', Uint8Array.of(0x7b, 0xc3, 0x28, 0x7d), 'invalid_utf8'],
    ['too large', `{"a":"${'x'.repeat(256 * 1024)}"}`, 'too_large'],
    ['nested too deeply', deep(65), 'nested_too_deeply'],
    ['nested very deeply', deep(40_000), 'nested_too_deeply'],
    ['a literal NUL', '{"a":"\u0000"}', 'nul_character'],
    ['an escaped NUL', '{"a":"x\\u0000"}', 'nul_character'],
    ['an escaped NUL after a backslash', '{"a":"\\\\\\u0000"}', 'nul_character'],
    ['an escaped NUL in a key', '{"\\u0000":1}', 'nul_character'],
    ['a bad status', '{}', 'invalid_status', { headers: { 'Hookline-Status': 'ok' } }],
    ['a bad phase', '{}', 'invalid_phase', { headers: { 'Hookline-Phase': 'PRE' } }],
    [
      'a status on pre',
      '{}',
      'invalid_status',
      { headers: { 'Hookline-Phase': 'pre', 'Hookline-Status': 'fail' } },
    ],
    ['a bad time', '{}', 'invalid_time', { headers: { 'Hookline-Time': '15.01.2025' } }],
    ['an empty subject header', '{}', 'invalid_subject', { headers: { 'Hookline-Subject': '' } }],
    ['an empty source id', '{}', 'invalid_attribute', { headers: { 'Nats-Msg-Id': '' } }],
    [
      'another type than the subject',
      cloudEvent('"data":{}'),
      'type_mismatch',
      { subject: 'hv.default.node-1.server.stopped' },
    ],
    ['a sequence of its own', cloudEvent('"sequence":"1"'), 'reserved_attribute'],
    [
      'an unknown specversion',
      cloudEvent('"data":{}').replace('"1.0"', '"2.0"'),
      'invalid_cloud_event',
    ],
    ['a bad status extension', cloudEvent('"status":"ok"'), 'invalid_status'],
    ['no type', '{}', 'invalid_subject', { subject: 'hv.default.node-1' }],
    ['a bad type', '{}', 'invalid_type', { subject: 'hv.default.node-1.Server' }],
    ['our own type', '{}', 'reserved_type', { subject: 'hv.default.node-1.hookline.ping' }],
    ['a bad tenant', '{}', 'invalid_subject', { subject: 'hv.De.node-1.a' }],
    [
      'a foreign inbox',
      '{}',
      'invalid_confirm_to',
      { headers: { 'Hookline-Confirm-To': '_INBOX_default_node-2.x' } },
    ],
    [
      'a wildcard inbox',
      '{}',
      'invalid_confirm_to',
      { headers: { 'Hookline-Confirm-To': '_INBOX_default_node-1.>' } },
    ],
  ];
  for (const [what, body, code, options] of cases) {
    test(what, () => {
      const result = rejected(body, options);
      assert.equal(result.code, code);
      assert.ok(result.reason.length > 20 && result.reason.length < 600, result.reason);
    });
  }

  test('and is answered on its inbox all the same, under its own id', () => {
    const headers = { 'Nats-Msg-Id': 'm1', 'Hookline-Confirm-To': '_INBOX_default_node-1.x.y' };
    const result = rejected('x', { headers, subject: 'hv.default.node-1.hookline.ping' });
    assert.equal(result.confirmTo, '_INBOX_default_node-1.x.y');
    assert.equal(result.sourceId, 'm1');
    assert.equal(result.tenant, 'default');
    assert.equal(result.host, 'node-1');
  });

  test('64 levels, and brackets in strings, are taken', () => {
    accepted(deep(64));
    accepted(`{"a":"${'{['.repeat(200)}\\"{{"}`);
  });
});
