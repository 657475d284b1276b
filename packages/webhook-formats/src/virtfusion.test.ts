import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOptions } from './options.ts';
import { sampleEvent, sampleEventBefore, sampleTarget } from './sample-event.ts';
import { virtfusion, virtfusionAuthorization } from './virtfusion.ts';

type Change = Parameters<typeof sampleEvent>[0];

function dataOf(change: Change, options: Record<string, string> = {}): string {
  const body = virtfusion.render(sampleEvent(change), sampleTarget({ options }))?.body ?? '';
  JSON.parse(body);
  return body.slice(body.indexOf('"data":') + '"data":'.length, -1);
}
const namesOf = (change: Change) =>
  virtfusion.filterViews(sampleEvent(change)).map((view) => view.name);

/** A request body as VirtFusion sends it, which an adapter keeps under `data.source`. */
const ORIGINAL =
  '{"event":"server.build","created":"2023-04-07T07:18:15.316192Z","hookId":3,"hookEventId":3,"eventStatus":"success","controlDomain":"cp.vendor.test","controlName":"VF","controlSupportLink":"https://vf.test","data":{"server":{"id":17,"name":"vm","settings":{"encryptedPassword":"eyJpdiI6","memory":1024},"vnc":{"ip":"10.0.0.1","encryptedPassword":"abc"},"media":false,"traffic":1.0},"errors":[]}}';
const FROM_VIRTFUSION: Change = {
  type: 'server.built',
  time: '2023-04-07T07:18:15.316192Z',
  subject: '17',
  data: `{"server_id":17,"name":"vm","source":${ORIGINAL}}`,
  extensions: { sourcetype: 'server.build' },
};

test('an event from elsewhere goes out with VirtFusion’s headers and body, built of canonical data', () => {
  assert.deepEqual(virtfusion.render(sampleEvent(), sampleTarget()), {
    body: '{"event":"server.boot","created":"2025-01-15T10:30:00.000000Z","hookId":"12","hookEventId":"7","eventStatus":"success","controlDomain":"cp.example.com","controlName":"Example Cloud","controlSupportLink":"https://example.com/support","data":{"server":{"id":"srv_abc123","name":"production-web-01","uuid":null,"state":"running","network":{"interfaces":[{"ipv4":[{"address":"192.168.1.100"}],"ipv6":[]}]}},"errors":[]}}',
    contentType: 'application/json',
    headers: {
      Accept: 'application/json',
      'X-VirtFusion-Hook': '12',
      'X-VirtFusion-Created': '2025-01-15T10:30:00.000000Z',
      'X-VirtFusion-Hook-Event': '7',
      'X-VirtFusion-Event': 'server.boot',
      'X-VirtFusion-Event-Status': 'success',
    },
  });
});

test('an event from VirtFusion goes out with its own data, passwords redacted, under our hook', () => {
  assert.equal(
    virtfusion.render(sampleEvent(FROM_VIRTFUSION), sampleTarget())?.body,
    '{"event":"server.build","created":"2023-04-07T07:18:15.316192Z","hookId":"12","hookEventId":"3","eventStatus":"success","controlDomain":"cp.example.com","controlName":"Example Cloud","controlSupportLink":"https://example.com/support","data":{"server":{"id":17,"name":"vm","settings":{"encryptedPassword":"* redacted *","memory":1024},"vnc":{"ip":"10.0.0.1","encryptedPassword":"* redacted *"},"media":false,"traffic":1.0},"errors":[]}}',
  );
});

test('a VirtFusion event that the catalogue does not know keeps its name and id', () => {
  const original = ORIGINAL.replace('server.build', 'server.new.thing').replace(
    '"hookEventId":3',
    '"hookEventId":"77"',
  );
  const change = { type: 'virtfusion.server.new.thing', data: `{"source":${original}}` };
  const rendered = virtfusion.render(sampleEvent(change), sampleTarget());
  assert.equal(rendered?.headers['X-VirtFusion-Event'], 'server.new.thing');
  assert.equal(rendered?.headers['X-VirtFusion-Hook-Event'], '77');
  assert.deepEqual(namesOf(change).slice(0, 3), [
    'virtfusion.server.new.thing',
    'server.new.thing',
    '77',
  ]);
});

test('headers equal the body, and what could break a header is taken for no original', () => {
  const nasty = ORIGINAL.replace('server.build', 'server.build\\r\\nX-Evil: 1');
  const rendered = virtfusion.render(
    sampleEvent({ type: 'server.built', data: `{"source":${nasty}}` }),
    sampleTarget(),
  );
  assert.equal(rendered?.headers['X-VirtFusion-Event'], 'server.build');
  const body = JSON.parse(rendered?.body ?? '') as Record<string, string>;
  assert.deepEqual(
    [body.hookId, body.created, body.hookEventId, body.event, body.eventStatus],
    ['Hook', 'Created', 'Hook-Event', 'Event', 'Event-Status'].map(
      (name) => rendered?.headers[`X-VirtFusion-${name}`],
    ),
  );
});

test('created has six digits whatever was published', () => {
  const created = (time: string) =>
    virtfusion.render(sampleEvent({ time }), sampleTarget())?.headers['X-VirtFusion-Created'];
  assert.equal(created('2023-04-07T07:18:15.316192Z'), '2023-04-07T07:18:15.316192Z');
  assert.equal(created('2023-04-07T07:18:15.9999999Z'), '2023-04-07T07:18:15.999999Z');
  assert.equal(created('2023-04-07T09:18:15.5+02:00'), '2023-04-07T07:18:15.500000Z');
});

test('errors is always a list, with what went wrong', () => {
  const errorsOf = (change: Change) => (JSON.parse(dataOf(change)) as { errors: unknown[] }).errors;
  const status = 'fail';
  assert.deepEqual(errorsOf({ status }), []);
  assert.deepEqual(errorsOf({ status, extensions: { reason: 'no space' } }), ['no space']);
  assert.deepEqual(errorsOf({ status, data: '{"error":{"code":28}}' }), [{ code: 28 }]);
  assert.deepEqual(errorsOf({ status, data: '{"errors":["a","b"]}' }), ['a', 'b']);
  assert.deepEqual(errorsOf({ extensions: { reason: 'asked to' } }), []);
  for (const wrong of ['false', 'null', '{}', '""']) {
    const source = ORIGINAL.replace('"errors":[]', `"errors":${wrong}`);
    assert.deepEqual(errorsOf({ data: `{"source":${source}}` }), [], wrong);
  }
  const without = ORIGINAL.replace(',"errors":[]', '');
  assert.deepEqual(errorsOf({ data: `{"source":${without}}` }), []);
  const spoken = ORIGINAL.replace('"errors":[]', '"errors":"broken"');
  assert.deepEqual(errorsOf({ data: `{"source":${spoken}}` }), ['broken']);
});

test('a failed event says so', () => {
  const rendered = virtfusion.render(sampleEvent({ status: 'fail' }), sampleTarget());
  assert.equal(rendered?.headers['X-VirtFusion-Event-Status'], 'fail');
  assert.match(rendered?.body ?? '', /"eventStatus":"fail"/);
});

test('each event has the data keys of the vendor’s list; objects that are absent are false', () => {
  const nothing: Change = { data: '{}', subject: 'x' };
  const server =
    '"server":{"id":"x","name":null,"uuid":null,"state":null,"network":{"interfaces":[]}}';
  const cases: [string, string][] = [
    ['server.created', `{${server},"args":false,"allocation":false,"errors":[]}`],
    ['server.deleted', `{${server},"errors":[]}`],
    [
      'server.ipv6.assigned',
      `{${server},"ipv6":{"block":false,"subnet":false,"ip":false,"routeBlock":false,"routeSubnet":false},"errors":[]}`,
    ],
    ['server.ipv4.unassigned', `{${server},"ipv4":{"block":false,"ip":false},"errors":[]}`],
    ['user.created', '{"user":false,"errors":[]}'],
    ['user.updated', '{"user":{"before":false,"after":false},"errors":[]}'],
    ['system.backup.scp', '{"log":false,"errors":[]}'],
    ['hypervisor.status.changed', '{"type":"","hypervisor":false,"errors":[]}'],
    ['server.paused', `{${server},"errors":[]}`],
    ['billing.payment.failed', '{"errors":[]}'],
  ];
  for (const [type, expected] of cases) assert.equal(dataOf({ ...nothing, type }), expected);
  const { subject: _, ...aboutNothing } = sampleEvent({ data: 'null' });
  assert.match(
    virtfusion.render(aboutNothing, sampleTarget())?.body ?? '',
    /"data":\{"server":false,"errors":\[\]\}\}$/,
  );
});

test('canonical data fill the keys of the vendor’s list', () => {
  assert.equal(
    dataOf({
      type: 'server.ipv4.assigned',
      data: '{"server":{"id":5},"ipv4":{"ip":{"address":"10.0.0.9"}}}',
    }),
    '{"server":{"id":5},"ipv4":{"block":false,"ip":{"address":"10.0.0.9"}},"errors":[]}',
  );
  assert.equal(
    dataOf({ type: 'user.created', data: '{"id":9,"email":"a@example.com"}' }),
    '{"user":{"id":9,"email":"a@example.com"},"errors":[]}',
  );
  assert.equal(
    dataOf({ type: 'user.updated', data: '{"before":{"name":"a"},"after":{"name":"b"}}' }),
    '{"user":{"before":{"name":"a"},"after":{"name":"b"}},"errors":[]}',
  );
  assert.equal(
    dataOf({ type: 'hypervisor.status.changed', data: '{"type":"offline","hypervisor":{"id":1}}' }),
    '{"type":"offline","hypervisor":{"id":1},"errors":[]}',
  );
  assert.equal(
    dataOf({ type: 'billing.payment.failed', data: '{"invoice":1e2,"source":{"x":1}}' }),
    '{"invoice":1e2,"errors":[]}',
  );
  assert.equal(
    dataOf({
      data: '{"server_id":"8a6f6c30-0000-4000-8000-0123456789ab","ip":"2001:db8::1","memory":12345678901234567890}',
    }),
    '{"server":{"id":"8a6f6c30-0000-4000-8000-0123456789ab","name":null,"uuid":"8a6f6c30-0000-4000-8000-0123456789ab","state":null,"network":{"interfaces":[{"ipv4":[],"ipv6":[{"address":"2001:db8::1"}]}]},"memory":12345678901234567890},"errors":[]}',
  );
});

test('options choose the spelling of ids, of dotted keys and of the user agent', () => {
  const target = sampleTarget({ options: { ids: 'integer', user_agent: 'virtfusion' } });
  const rendered = virtfusion.render(sampleEvent(), target);
  assert.match(rendered?.body ?? '', /"hookId":12,"hookEventId":7,/);
  assert.equal(rendered?.headers['User-Agent'], 'VirtFusion-Hookshot/57HE28D3RT');
  assert.equal(rendered?.headers['X-VirtFusion-Hook'], '12');
  const nothing = { type: 'server.ipv4.assigned', data: '{"server":{"id":1}}' };
  assert.equal(
    dataOf(nothing, { dotted_keys: 'literal' }),
    '{"server":{"id":1},"ipv4.block":false,"ipv4.ip":false,"errors":[]}',
  );
  assert.deepEqual(checkOptions(virtfusion, { ids: 'integer', dotted_keys: 'nested' }), []);
  assert.deepEqual(
    checkOptions(virtfusion, { ids: 'number', nonsense: '' }).map((fault) => fault.field),
    ['options.ids', 'options.nonsense'],
  );
});

test('an event that VirtFusion does not have goes out under its own name with the id 0', () => {
  const rendered = virtfusion.render(sampleEvent({ type: 'server.paused' }), sampleTarget());
  assert.equal(rendered?.headers['X-VirtFusion-Event'], 'server.paused');
  assert.equal(rendered?.headers['X-VirtFusion-Hook-Event'], '0');
  assert.deepEqual(namesOf({ type: 'server.paused' }), ['server.paused', 'catch.all', '1000']);
});

test('filters take canonical types, VirtFusion’s names and ids, and catch.all', () => {
  assert.deepEqual(namesOf({}), ['server.started', 'server.boot', '7', 'catch.all', '1000']);
  assert.ok(namesOf({ type: 'server.disk.trimmed' }).includes('sserver.disk.trim'));
  assert.deepEqual(namesOf({ type: 'hookline.ping' }), ['hookline.ping'], 'never by catch.all');
  assert.deepEqual(virtfusion.filterViews(sampleEvent({ status: 'fail' }))[1], {
    name: 'server.boot',
    phase: 'post',
    status: 'fail',
  });
  for (const pattern of ['7', '1000', 'catch.all', 'server.boot', 'server.*', '*', '31']) {
    assert.equal(virtfusion.checkFilterPattern(pattern), undefined, pattern);
  }
  for (const pattern of ['24', '0', '999', 'Server.Boot', '>', '']) {
    assert.notEqual(virtfusion.checkFilterPattern(pattern), undefined, pattern);
  }
});

test('pre is never sent and never seen', () => {
  assert.equal(virtfusion.render(sampleEventBefore(), sampleTarget()), undefined);
  assert.deepEqual(virtfusion.filterViews(sampleEventBefore()), []);
});

test('a failed event of a user, which VirtFusion does not trigger, is never sent and never seen', () => {
  for (const type of ['user.created', 'user.updated', 'user.deleted']) {
    const failed = sampleEvent({ type, status: 'fail' });
    assert.equal(virtfusion.render(failed, sampleTarget()), undefined, type);
    assert.deepEqual(virtfusion.filterViews(failed), []);
    assert.notEqual(virtfusion.render(sampleEvent({ type }), sampleTarget()), undefined);
  }
  const original = ORIGINAL.replace('"success"', '"fail"').replace('server.build', 'user.create');
  const from = sampleEvent({
    type: 'user.created',
    status: 'fail',
    data: `{"source":${original}}`,
  });
  assert.equal(
    virtfusion.render(from, sampleTarget())?.headers['X-VirtFusion-Event-Status'],
    'fail',
  );
});

test('the bearer token is sent in base64 of its UTF-8 bytes', () => {
  assert.equal(virtfusionAuthorization('s3cret-ü'), 'Bearer czNjcmV0LcO8');
});
