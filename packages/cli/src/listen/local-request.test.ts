import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryId, GrpcEvent, GrpcPhase, GrpcStatus } from '@hookline/contracts';
import { createReceiver, type ReceivedFormat } from '@hookline/receiver';
import { getFormat, type WebhookFormat } from '@hookline/webhook-formats';
import { toAcceptedEvent } from './accepted-event.ts';
import { type LocalSubscription, localRequest } from './local-request.ts';

const NOW_MS = Date.parse('2026-11-22T03:24:40Z');
const SUB = 'sub_01m80mhnh3e85tvw1gzgw007n1';
const event = toAcceptedEvent(
  GrpcEvent.fromPartial({
    id: 'evt_01m80mhnjaezf9xes17zhek7jq',
    source: '/hosts/node-1',
    type: 'server.started',
    subject: 'srv_1',
    time: new Date(NOW_MS),
    acceptTime: new Date(NOW_MS),
    phase: GrpcPhase.PHASE_POST,
    status: GrpcStatus.STATUS_SUCCESS,
    sequence: 7n,
    position: 9n,
    data: '{"server_id":"srv_1","n":1.0}',
  }),
);

function requestIn(format: string) {
  const subscription: LocalSubscription = {
    id: SUB,
    url: 'http://127.0.0.1:3000/hooks',
    format: getFormat(format) as WebhookFormat,
    filter: { types: ['*'], statuses: [], phases: [], subjects: [], attributes: [] },
    options: {},
    headers: { 'X-Shop': '7' },
    secret: 'a-secret-of-my-own',
    timeoutMs: 1_000,
  };
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  return localRequest(event, subscription, { nowMs: NOW_MS, traceparent, userAgent: 'Hookline/0' });
}

test('what is forwarded carries the headers and signatures of a real delivery', () => {
  for (const format of [
    'standard',
    'cdhosting',
    'cloudevents',
    'cloudevents-binary',
  ] as ReceivedFormat[]) {
    const request = requestIn(format);
    assert.ok(request !== undefined);
    const receiver = createReceiver({ secret: 'a-secret-of-my-own', format, now: () => NOW_MS });
    const verdict = receiver.verify({
      headers: request.headers,
      body: Buffer.from(request.body ?? ''),
    });
    assert.equal(verdict.kind, 'verified', format);
    assert.equal(request.headers['webhook-id'], deliveryId(event.id, SUB));
    assert.equal(request.headers['X-Shop'], '7');
    assert.equal(request.headers['hookline-sequence'], '00000000000000000007');
    assert.match(String(request.body), /"n":1\.0/, 'numbers keep their spelling');
  }
});

test('a chat service gets none of our headers', () => {
  assert.equal(requestIn('slack')?.headers['webhook-id'], undefined);
});
