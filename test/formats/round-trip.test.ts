/** What goes out in another system's format and comes in again by its adapter is the same event. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type AcceptedEvent,
  canonicalFromCdhosting,
  cdhostingFromCanonical,
  eventTypes,
  exampleEventData,
  formatSequence,
} from '@hookline/contracts';
import { type FormatTarget, getFormat, type RenderedWebhook } from '@hookline/webhook-formats';
import { adaptCloudEvents } from '../../services/producer-gateway/src/domain/adapters/cloudevents.ts';
import type {
  Adapted,
  AdapterDraft,
  AdapterRequest,
} from '../../services/producer-gateway/src/domain/adapters/draft.ts';
import { adaptVirtfusion } from '../../services/producer-gateway/src/domain/adapters/virtfusion.ts';
import { adaptXenOrchestra } from '../../services/producer-gateway/src/domain/adapters/xen-orchestra.ts';
import { readHttpPublication } from '../../services/producer-gateway/src/domain/publication.ts';

const target: FormatTarget = {
  subscriptionId: 'sub_01jhm3k0gcf0fr2q3n3zt4c6x7',
  hookId: 12,
  options: {},
  secrets: ['your_webhook_secret'],
  controlDomain: 'cp.example.com',
  controlName: 'Example Cloud',
  controlSupportLink: 'https://example.com/support',
};

function accepted(draft: Omit<AdapterDraft, 'sourceId'>): AcceptedEvent {
  return {
    time: '2025-01-15T10:30:00Z',
    ...draft,
    id: 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7',
    tenant: 'default',
    position: 1n,
    sequence: 7n,
    recordedAt: new Date('2025-01-15T10:30:01Z'),
  };
}

function example(type: string, change: Partial<AcceptedEvent> = {}): AcceptedEvent {
  const data = exampleEventData(type) ?? {};
  const subject = typeof data.server_id === 'string' ? data.server_id : undefined;
  return accepted({
    type,
    source: '/hosts/node-1',
    ...(subject !== undefined && { subject }),
    phase: 'post',
    status: 'success',
    extensions: {},
    data: JSON.stringify(data),
    ...change,
  });
}

function rendered(
  format: string,
  event: AcceptedEvent,
  options: FormatTarget['options'] = {},
): RenderedWebhook {
  const webhook = getFormat(format)?.render(event, { ...target, options });
  assert.ok(webhook, `${format} tells ${event.type}`);
  return webhook;
}

function requestOf({ body, contentType, headers }: RenderedWebhook): AdapterRequest {
  const given = Object.entries({ ...headers, 'content-type': contentType });
  return {
    headers: Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value])),
    text: body,
    value: JSON.parse(body) as unknown,
  };
}

function only(result: Adapted): AdapterDraft {
  assert.equal(result.kind, 'drafts', JSON.stringify(result));
  const [draft, ...others] = (result as { drafts: readonly AdapterDraft[] }).drafts;
  assert.ok(draft !== undefined && others.length === 0);
  return draft;
}

describe('VirtFusion', () => {
  const mapped = eventTypes.filter(({ virtfusion }) => virtfusion !== undefined);
  const ids = mapped.map(({ virtfusion: [name] = [] }) => name?.id ?? 0).sort((a, b) => a - b);
  const writings = [{}, { dotted_keys: 'literal' }, { ids: 'integer' }];

  test('every number of the list but 24, which does not exist, has a type', () => {
    const all = Array.from({ length: 31 }, (_, index) => index + 1).filter((id) => id !== 24);
    assert.deepEqual([...new Set(ids)], all);
  });

  for (const { type, virtfusion: [name] = [] } of mapped) {
    // VirtFusion triggers what is about users on success alone.
    const statuses = type.startsWith('user.')
      ? (['success'] as const)
      : (['success', 'fail'] as const);
    test(`${name?.id} ${name?.name} comes in as ${type} and goes out as it came, however it is written`, () => {
      for (const status of statuses) {
        for (const options of writings) {
          const sent = rendered('virtfusion', example(type, { status }), options);
          const draft = only(adaptVirtfusion(requestOf(sent)));
          assert.deepEqual([draft.type, draft.phase, draft.status], [type, 'post', status]);
          assert.deepEqual(rendered('virtfusion', accepted(draft), options), sent);
        }
      }
    });
  }

  test('1000 catch.all, which stands for all events, comes in under its name and goes out as it came', () => {
    const [first] = mapped;
    const sent = rendered('virtfusion', example(first?.type ?? ''));
    const { id, name } = first?.virtfusion?.[0] ?? {};
    const body = sent.body
      .replace(`"event":"${name}"`, '"event":"catch.all"')
      .replace(`"hookEventId":"${id}"`, '"hookEventId":"1000"');
    const draft = only(adaptVirtfusion(requestOf({ ...sent, body })));
    assert.deepEqual(
      [draft.type, draft.extensions.sourcetype],
      ['virtfusion.catch.all', 'catch.all'],
    );
    assert.equal(rendered('virtfusion', accepted(draft)).body, body);
  });

  test('a failure stays one, with its errors', () => {
    const failed = example('server.started', {
      status: 'fail',
      extensions: { reason: 'no memory' },
    });
    const draft = only(adaptVirtfusion(requestOf(rendered('virtfusion', failed))));
    assert.deepEqual([draft.status, draft.extensions.reason], ['fail', 'no memory']);
  });
});

describe('Xen Orchestra', () => {
  const calls = eventTypes.flatMap(({ type, xenOrchestra = [] }) =>
    xenOrchestra.map((call) => ({ type, call })),
  );
  for (const { type, call } of calls) {
    // The hook does not say whether a server ran while it was migrated.
    const comesIn = call.live === true ? 'server.migration.completed' : type;
    const how = [call.phase, call.failed === true ? 'error' : undefined].filter(Boolean).join(' ');
    test(`${call.method} ${JSON.stringify(call.params ?? {})} ${how} comes in as ${comesIn} and goes out as it came`, () => {
      const event = example(type, { extensions: { sourcetype: call.method, correlationid: 'k9' } });
      const sent = rendered('xen-orchestra', event);
      const draft = only(adaptXenOrchestra(requestOf(sent)));
      assert.equal(draft.type, comesIn);
      assert.equal(draft.extensions.sourcetype, call.method);
      assert.deepEqual(rendered('xen-orchestra', accepted(draft)), sent);
    });
  }
});

describe('CloudEvents', () => {
  for (const format of ['cloudevents', 'cloudevents-binary']) {
    test(`every type that goes out as ${format} comes in as it was`, () => {
      // What Hookline tells of itself nobody else may publish.
      for (const { type } of eventTypes.filter((one) => !one.type.startsWith('hookline.'))) {
        const event = example(type, { extensions: { actor: 'api', reason: 'größe "1" 100%' } });
        const draft = only(adaptCloudEvents(requestOf(rendered(format, event))));
        const { id, source, time, subject, phase, status, data, sequence, extensions } = event;
        assert.deepEqual(draft, {
          type,
          source,
          sourceId: id,
          time,
          ...(subject !== undefined && { subject }),
          phase,
          ...(status !== undefined && { status }),
          extensions: { sourcesequence: formatSequence(sequence), ...extensions },
          data,
        });
      }
    });
  }
});

describe('CDHosting', () => {
  const named = eventTypes.filter(({ type, cdhosting }) => cdhosting === type);
  test('the nine types of its page are there', () => assert.equal(named.length, 9));

  for (const { type } of named) {
    test(`${type} is published under its name, and goes out as CDHosting sends it`, () => {
      const data = exampleEventData(type) ?? {};
      const time = '2025-01-15T10:30:00Z';
      const given = Buffer.from(JSON.stringify({ type, id: 'evt_abc123', time, data }));
      const context = { tenant: 'default', keyId: 'key_1', traceparent: undefined, nowMs: 0 };
      const event = accepted(readHttpPublication(given, context));
      assert.deepEqual(JSON.parse(rendered('cdhosting', event).body), {
        ...{ id: event.id, type, created_at: time, data },
      });
      assert.equal(canonicalFromCdhosting(type), type);
      assert.equal(cdhostingFromCanonical(type), type);
    });
  }
});
