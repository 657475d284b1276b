import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes } from '@hookline/contracts';
import { checkOptions } from './options.ts';
import { formatNames, getFormat } from './registry.ts';
import { sampleEvent, sampleEventBefore, sampleTarget } from './sample-event.ts';

test('formats are found by name, and nothing else is', () => {
  assert.deepEqual(formatNames, [
    ...['standard', 'cdhosting', 'cloudevents', 'cloudevents-binary', 'virtfusion'],
    ...['xen-orchestra', 'office365'],
    ...['slack', 'discord', 'google-chat', 'pushover', 'telegram'],
  ]);
  for (const name of formatNames) assert.equal(getFormat(name)?.name, name);
  for (const name of ['', 'Standard', 'constructor', '__proto__']) {
    assert.equal(getFormat(name), undefined);
  }
});

test('every format tells every canonical event in valid JSON, or is seen by no filter', () => {
  for (const name of formatNames) {
    const format = getFormat(name);
    assert.ok(format);
    for (const { type } of eventTypes) {
      for (const event of [
        sampleEvent({ type }),
        sampleEvent({ type, status: 'fail' }),
        sampleEventBefore({ type }),
        sampleEvent({ type, data: 'null' }),
        sampleEvent({ type, data: '{}' }),
        sampleEvent({ type, data: '[1]' }),
      ]) {
        const rendered = format.render(event, sampleTarget());
        assert.equal(rendered === undefined, format.filterViews(event).length === 0);
        if (rendered !== undefined) JSON.parse(rendered.body);
      }
    }
  }
});

test('defaults of options are values that their checks take, and what is required has none', () => {
  for (const name of formatNames) {
    const format = getFormat(name);
    assert.ok(format);
    const optional = format.options.filter((option) => option.required !== true);
    const defaults = optional.map((option) => [option.name, option.defaultValue]);
    const required = format.options.filter((option) => option.required === true);
    assert.deepEqual(
      checkOptions(format, Object.fromEntries(defaults)).map(({ field }) => field),
      required.map(({ name: option }) => `options.${option}`),
    );
  }
});

test('rendering is pure: twice the same event gives twice the same bytes', () => {
  for (const name of formatNames) {
    const event = sampleEvent();
    const first = getFormat(name)?.render(event, sampleTarget());
    assert.deepEqual(getFormat(name)?.render(event, sampleTarget()), first);
    assert.deepEqual(getFormat(name)?.render(sampleEvent(), sampleTarget()), first);
  }
});

test('the largest and worst-shaped data are rendered in a moment', () => {
  const size = 256 * 1024;
  const nested = (open: string, close: string) => {
    const depth = Math.floor(size / (open.length + close.length));
    return `${open.repeat(depth)}1${close.repeat(depth)}`;
  };
  const repeated = (member: string) =>
    `{${Array(Math.floor(size / (member.length + 1)))
      .fill(member)
      .join(',')}}`;
  const xenOrchestra = (error: string) =>
    `{"source":{"type":"post","callId":"x","method":"vm.start",${error}}}`;
  const shapes = [
    nested('{"a":', '}'),
    nested('{"encryptedPassword":', '}'),
    `{"source":${nested('[', ']')},"a":${nested('[', ']')}}`,
    repeated('"source":1'),
    `{"a":"${'\\\\\\"'.repeat(size / 8)}"}`,
    xenOrchestra(repeated('"error":{"stack":1}').slice(1, -1)),
    xenOrchestra(`"error":${nested('{"cause":', '}')}`),
  ];
  const started = performance.now();
  for (const data of shapes) {
    for (const name of formatNames) getFormat(name)?.render(sampleEvent({ data }), sampleTarget());
  }
  assert.ok(performance.now() - started < 10_000, 'quadratic work would take minutes');
});
