import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudEvent, HTTP } from 'cloudevents';
import { adaptCloudEvents, BATCH_EVENTS_MAX } from './cloudevents.ts';
import type { AdapterDraft } from './draft.ts';

const STRUCTURED = 'application/cloudevents+json; charset=UTF-8';
const BATCH = 'application/cloudevents-batch+json';

const adapt = (text: string, headers: Record<string, string | undefined>) =>
  adaptCloudEvents({
    headers,
    text,
    value: text === '' ? undefined : (JSON.parse(text) as unknown),
  });

function drafts(text: string, headers: Record<string, string | undefined>) {
  const result = adapt(text, headers);
  assert.equal(result.kind, 'drafts', JSON.stringify(result));
  return (result as { drafts: readonly AdapterDraft[] }).drafts;
}

function fault(text: string, headers: Record<string, string | undefined>) {
  const result = adapt(text, headers);
  assert.equal(result.kind, 'fault');
  return result as Extract<typeof result, { kind: 'fault' }>;
}

const binary = (change: Record<string, string | undefined> = {}) => ({
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': 'c1',
  'ce-source': '/panel',
  'ce-type': 'server.started',
  ...change,
});
const event = (members = '') =>
  `{"specversion":"1.0","id":"c1","source":"/panel","type":"server.started"${members}}`;

test('what the CloudEvents SDK sends in either mode is the same event', () => {
  const sent = new CloudEvent({
    id: 'c1',
    source: '/panel',
    type: 'server.started',
    subject: 'srv_abc123',
    time: '2025-01-15T10:30:00.000Z',
    datacontenttype: 'application/json',
    actor: 'api',
    status: 'fail',
    data: { server_id: 'srv_abc123' },
  });
  for (const mode of [HTTP.structured(sent), HTTP.binary(sent)]) {
    const headers = Object.fromEntries(
      Object.entries(mode.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
    );
    assert.deepEqual(drafts(String(mode.body), headers), [
      {
        type: 'server.started',
        source: '/panel',
        sourceId: 'c1',
        time: '2025-01-15T10:30:00.000Z',
        subject: 'srv_abc123',
        phase: 'post',
        status: 'fail',
        extensions: { actor: 'api' },
        data: '{"server_id":"srv_abc123"}',
      },
    ]);
  }
});

test('data keep their bytes in every mode', () => {
  const data = '{ "b":1.0,"a":1e2, "n":12345678901234567890 }';
  assert.equal(drafts(data, binary())[0]?.data, data);
  assert.equal(drafts(event(`,"data": ${data}`), { 'content-type': STRUCTURED })[0]?.data, data);
  const batch = `[${event(`,"data":${data}`)} , ${event()}]`;
  assert.deepEqual(
    drafts(batch, { 'content-type': BATCH }).map((draft) => draft.data),
    [data, 'null'],
  );
  assert.equal(drafts('', binary())[0]?.data, 'null');
});

test('headers are decoded as the HTTP binding asks', () => {
  const subject = (value: string) => drafts('{}', binary({ 'ce-subject': value }))[0]?.subject;
  assert.equal(subject('Euro%20%E2%82%AC%20%F0%9F%98%80'), 'Euro € 😀');
  assert.equal(subject('%e2%82%ac'), '€');
  assert.equal(subject('%41%2520'), 'A%20', 'one round only');
  assert.equal(subject('100%'), '100%');
  assert.equal(subject('"a \\"b\\" %25"'), 'a "b" %', 'quotes of older versions');
  for (const wrong of ['%C0%A0', '%FF', '%E2%82']) {
    assert.equal(fault('{}', binary({ 'ce-subject': wrong })).field, 'ce-subject', wrong);
  }
});

test('a batch may be empty, is bounded, and is refused whole with the place of the fault', () => {
  const headers = { 'content-type': BATCH };
  assert.deepEqual(drafts('[]', headers), []);
  const { field, reason } = fault(`[${event()},${event(',"time":"today"')}]`, headers);
  assert.equal(field, '[1].time');
  assert.match(reason, /^event 1: /);
  assert.equal(fault(event(), headers).field, 'body');
  const many = `[${Array(BATCH_EVENTS_MAX + 1)
    .fill(event())
    .join(',')}]`;
  assert.match(fault(many, headers).reason, /at most 500/);
  assert.equal(fault('[1]', headers).code, 'not_an_object');
});

test('foreign types are written in our grammar, foreign sequences kept under another name', () => {
  const [draft] = drafts(
    '{"Vm":{"Name":"web"}}',
    binary({ 'ce-type': 'com.vmware.vsphere.VmPoweredOffEvent.v0', 'ce-sequence': '7' }),
  );
  assert.equal(draft?.type, 'com.vmware.vsphere.vmpoweredoffevent.v0');
  assert.deepEqual(draft?.extensions, {
    sourcetype: 'com.vmware.vsphere.VmPoweredOffEvent.v0',
    sourcesequence: '7',
  });
  assert.equal(fault('{}', binary({ 'ce-type': 'Hookline.ping' })).code, 'reserved_type');
});

test('phase and status are Hookline’s', () => {
  const [pre] = drafts('{}', binary({ 'ce-phase': 'pre' }));
  assert.deepEqual([pre?.phase, pre && 'status' in pre], ['pre', false]);
  assert.equal(fault('{}', binary({ 'ce-phase': 'pre', 'ce-status': 'fail' })).field, 'status');
  assert.equal(fault('{}', binary({ 'ce-status': 'ok' })).field, 'status');
  assert.equal(fault('{}', binary({ 'ce-phase': 'PRE' })).field, 'phase');
});

test('what is no CloudEvent in JSON is a fault that says how to mend it', () => {
  assert.equal(fault('{}', { 'content-type': 'application/json' }).field, 'ce-specversion');
  assert.equal(fault('{}', binary({ 'content-type': 'text/plain' })).field, 'content-type');
  assert.equal(
    fault('{}', { 'content-type': 'application/cloudevents+avro' }).field,
    'content-type',
  );
  assert.equal(fault('{}', binary({ 'ce-id': undefined })).field, 'id');
  assert.equal(fault('{}', binary({ 'ce-specversion': '2.0' })).field, 'specversion');
  assert.equal(fault('{}', binary({ 'ce-data': 'x' })).field, 'ce-data');
  assert.equal(fault('{}', binary({ 'ce-datacontenttype': 'x' })).field, 'ce-datacontenttype');
  assert.equal(drafts('{}', binary({ 'content-type': 'application/vnd.x+json; v=1' })).length, 1);
});
