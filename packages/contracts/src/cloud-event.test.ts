import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudEventJson, looksLikeCloudEvent, readCloudEvent } from './cloud-event.ts';
import { ContractError } from './contract-error.ts';
import type { AcceptedEvent } from './event.ts';

const read = (text: string) => readCloudEvent(text, JSON.parse(text) as Record<string, unknown>);
const withMember = (member: string) =>
  `{"specversion":"1.0","id":"1","source":"/a","type":"server.started",${member}}`;

test('a structured CloudEvent is read with the bytes of its data', () => {
  const event = read(
    withMember(
      '"subject":"srv_1","time":"2025-01-15T10:30:00.123456Z","actor":"api","n":3,"data": {"b":1e2, "a":1.0}',
    ),
  );
  assert.deepEqual(event, {
    id: '1',
    source: '/a',
    type: 'server.started',
    time: '2025-01-15T10:30:00.123456Z',
    subject: 'srv_1',
    extensions: { actor: 'api', n: '3' },
    data: '{"b":1e2, "a":1.0}',
  });
  assert.equal(read(withMember('"x":true')).data, 'null');
});

test('what breaks the specification is refused, naming the attribute', () => {
  const cases: [text: string, field: string][] = [
    [withMember('"data_base64":"AA=="'), 'data_base64'],
    [withMember('"datacontenttype":"text/xml"'), 'datacontenttype'],
    [withMember('"time":"yesterday"'), 'time'],
    [withMember('"time":"2025-02-30T99:00:00Z"'), 'time'],
    [withMember('"subject":""'), 'subject'],
    [withMember('"subject":7'), 'subject'],
    [withMember('"Upper":"x"'), 'Upper'],
    [withMember('"nested":{}'), 'nested'],
    [withMember('"actor":"a\\u0000b"'), 'actor'],
    [withMember(`"actor":"${'x'.repeat(1025)}"`), 'actor'],
    [withMember('"type":""'), 'type'],
    ['{"specversion":"0.3","id":"1","source":"/a","type":"x"}', 'specversion'],
    [withMember(Array.from({ length: 33 }, (_, at) => `"e${at}":1`).join(',')), 'extensions'],
  ];
  for (const [text, field] of cases) {
    assert.throws(
      () => read(text),
      (error) => error instanceof ContractError && error.field === field,
      text,
    );
  }
});

test('a media type of JSON with parameters or a suffix is taken', () => {
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'application/vnd.x+json',
  ]) {
    assert.doesNotThrow(() => read(withMember(`"datacontenttype":"${type}"`)));
  }
});

test('an object is meant as a CloudEvent when it has the four required attributes', () => {
  assert.ok(looksLikeCloudEvent(JSON.parse(withMember('"data":1'))));
  assert.ok(!looksLikeCloudEvent({ id: '1', type: 'x', source: 'y' }));
});

test('an accepted event goes out as a CloudEvent with its data spliced in unchanged', () => {
  const event: AcceptedEvent = {
    id: 'evt_1',
    tenant: 'default',
    position: 7n,
    recordedAt: new Date(0),
    source: '/hosts/node-1',
    type: 'server.started',
    time: '2025-01-15T10:30:00Z',
    subject: 'srv_1',
    phase: 'post',
    status: 'success',
    sequence: 42n,
    extensions: { actor: 'api' },
    data: '{"b":1e2, "a":1.0}',
  };
  assert.equal(
    cloudEventJson(event),
    '{"specversion":"1.0","id":"evt_1","source":"/hosts/node-1","type":"server.started","time":"2025-01-15T10:30:00Z","subject":"srv_1","datacontenttype":"application/json","phase":"post","status":"success","sequence":"00000000000000000042","actor":"api","data":{"b":1e2, "a":1.0}}',
  );
});
