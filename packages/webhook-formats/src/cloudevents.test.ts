import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CloudEvent, HTTP } from 'cloudevents';
import { cloudevents, cloudeventsBinary } from './cloudevents.ts';
import { sampleEvent, sampleEventBefore, sampleTarget } from './sample-event.ts';

type Event = ReturnType<typeof sampleEvent>;

/** The request as the CloudEvents SDK reads it, with its headers in lower case as Node gives them. */
function received(format: typeof cloudevents, event: Event): CloudEvent<unknown> {
  const rendered = format.render(event, sampleTarget());
  assert.ok(rendered);
  const headers = { 'content-type': rendered.contentType, ...rendered.headers };
  const read = HTTP.toEvent({ headers, body: rendered.body });
  assert.ok(!Array.isArray(read));
  return read as CloudEvent<unknown>;
}

const event = sampleEvent({
  time: '2025-01-15T10:30:00.123456789+02:00',
  extensions: { actor: 'api', sourcetype: 'vm.start', traceparent: '00-ab-cd-01' },
});

test('the CloudEvents SDK reads both modes as the same valid event', () => {
  for (const format of [cloudevents, cloudeventsBinary]) {
    const read = received(format, event);
    assert.equal(read.validate(), true);
    assert.deepEqual(
      [read.id, read.source, read.type, read.subject, read.specversion, read.datacontenttype],
      [event.id, event.source, event.type, event.subject, '1.0', 'application/json'],
    );
    assert.deepEqual(
      [read.phase, read.status, read.sequence, read.actor, read.sourcetype, read.traceparent],
      ['post', 'success', '00000000000000000007', 'api', 'vm.start', '00-ab-cd-01'],
    );
    assert.deepEqual(read.data, JSON.parse(event.data));
  }
});

test('structured mode has the media type of the JSON format, and data byte for byte', () => {
  const data = '{ "b":1.0,"a":1e2 , "n":12345678901234567890 }';
  const rendered = cloudevents.render(sampleEvent({ data }), sampleTarget());
  assert.equal(rendered?.contentType, 'application/cloudevents+json; charset=utf-8');
  assert.deepEqual(rendered?.headers, {});
  assert.ok(rendered?.body.endsWith(`,"data":${data}}`));
});

test('binary mode has data as the body and every attribute as a header, but datacontenttype', () => {
  const rendered = cloudeventsBinary.render(
    sampleEventBefore({ data: '{"a":1e2}' }),
    sampleTarget(),
  );
  assert.deepEqual(rendered, {
    body: '{"a":1e2}',
    contentType: 'application/json',
    headers: {
      'ce-specversion': '1.0',
      'ce-id': 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7',
      'ce-source': '/hosts/node-1',
      'ce-type': 'server.started',
      'ce-time': '2025-01-15T10:30:00Z',
      'ce-subject': 'srv_abc123',
      'ce-phase': 'pre',
      'ce-sequence': '00000000000000000007',
    },
  });
});

test('header values are percent-encoded as the HTTP binding asks, once', () => {
  const header = (subject: string) =>
    cloudeventsBinary.render(sampleEvent({ subject }), sampleTarget())?.headers['ce-subject'];
  assert.equal(header('Euro € 😀'), 'Euro%20%E2%82%AC%20%F0%9F%98%80');
  assert.equal(header('100% "a"'), '100%25%20%22a%22');
  assert.equal(header('a%20b'), 'a%2520b');
  assert.equal(header("!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"), "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~");
  assert.equal(header('a\r\nX-Evil: 1'), 'a%0D%0AX-Evil:%201');
  assert.equal(decodeURIComponent(header('größe/☃ %') ?? ''), 'größe/☃ %');
});

test('filters see the canonical type, pre as well', () => {
  for (const format of [cloudevents, cloudeventsBinary]) {
    assert.deepEqual(format.filterViews(sampleEventBefore()), [
      { name: 'server.started', phase: 'pre' },
    ]);
    assert.notEqual(format.checkFilterPattern('vm.Start'), undefined);
  }
});
