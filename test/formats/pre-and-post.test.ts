/** A call of Xen Orchestra before and after: two events of one correlation, each with its own receivers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AcceptedEvent, EventStatus, Phase } from '@hookline/contracts';
import { createFilterIndex, type Filed, type SubscriptionFilter } from '@hookline/subscriptions';
import { getFormat } from '@hookline/webhook-formats';
import { adaptXenOrchestra } from '../../services/producer-gateway/src/domain/adapters/xen-orchestra.ts';

const CALL =
  '"callId":"k2j9","userId":"u1","userName":"alice","method":"vm.start","params":{"id":"67aac198"}';
const BODIES = {
  pre: `{"type":"pre",${CALL},"timestamp":1736937000000}`,
  post: `{"type":"post",${CALL},"timestamp":1736937000812,"duration":812,"result":true}`,
  failed: `{"type":"post",${CALL},"timestamp":1736937000812,"duration":812,"error":{"message":"no host"}}`,
};

function eventOf(body: string): AcceptedEvent {
  const adapted = adaptXenOrchestra({
    headers: {},
    text: body,
    value: JSON.parse(body) as unknown,
  });
  assert.ok(adapted.kind === 'drafts' && adapted.drafts[0] !== undefined);
  const { sourceId: _, ...draft } = adapted.drafts[0];
  return {
    ...{ time: '2025-01-15T10:30:00Z', ...draft, id: 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7' },
    ...{ tenant: 'default', position: 1n, sequence: 1n, recordedAt: new Date(0) },
  };
}

const events = Object.entries(BODIES).map(([name, body]) => ({ name, event: eventOf(body) }));

/** Which of the three a filter takes. */
function taken(given: Partial<SubscriptionFilter>, format: string): string[] {
  const index = createFilterIndex<Filed>();
  const filter = { types: [], phases: [], statuses: [], subjects: [], attributes: [], ...given };
  index.add({ format, filter });
  return events.filter(({ event }) => index.match(event).length === 1).map(({ name }) => name);
}

test('before and after are joined by the id of the call, which goes out again as callId', () => {
  for (const { name, event } of events) {
    assert.equal(event.extensions.correlationid, 'k2j9');
    const body = getFormat('xen-orchestra')?.render(event, {
      ...{ subscriptionId: 'sub_1', hookId: 1, options: {}, secrets: [] },
      ...{ controlDomain: '', controlName: '', controlSupportLink: '' },
    })?.body;
    assert.equal(body, BODIES[name as keyof typeof BODIES]);
  }
});

test('a filter takes pre, post or both, by the canonical type and by the method', () => {
  const both: EventStatus[] = ['success', 'fail'];
  const cases: [Phase[], EventStatus[], string[]][] = [
    [['pre'], [], ['pre']],
    [['post'], [], ['post']],
    [[], [], ['post']],
    [['pre', 'post'], [], ['pre', 'post']],
    [['post'], both, ['post', 'failed']],
    [['pre', 'post'], both, ['pre', 'post', 'failed']],
  ];
  for (const [phases, statuses, expected] of cases) {
    const filter = { phases, statuses };
    assert.deepEqual(taken({ types: ['vm.start'], ...filter }, 'xen-orchestra'), expected);
    assert.deepEqual(taken({ types: ['server.started'], ...filter }, 'xen-orchestra'), expected);
    assert.deepEqual(taken({ types: ['server.*'], ...filter }, 'standard'), expected);
  }
});

test('a filter on the correlation takes both of one call and nothing of another', () => {
  const phases: Phase[] = ['pre', 'post'];
  const of = (correlationid: string) =>
    taken({ types: ['*'], phases, attributes: [{ exact: { correlationid } }] }, 'standard');
  assert.deepEqual(of('k2j9'), ['pre', 'post']);
  assert.deepEqual(of('k2j8'), []);
});
