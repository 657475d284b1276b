/** What is sent is read here as its receivers read it, with code of theirs. */
import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { test } from 'node:test';
import { signStandardWebhook } from '@hookline/webhook-signature';
import { Webhook } from 'standardwebhooks';
import { cdhosting } from './cdhosting.ts';
import { goldenCases } from './golden/cases.ts';
import { sampleTarget } from './sample-event.ts';
import { standard } from './standard.ts';
import { virtfusion } from './virtfusion.ts';
import { xenOrchestra } from './xen-orchestra.ts';

const CDHOSTING_TYPES = new Set([
  ...['server.created', 'server.started', 'server.stopped', 'server.rebooted', 'server.error'],
  ...['server.backup.completed', 'billing.payment.succeeded', 'billing.payment.failed'],
  'billing.subscription.cancelled',
]);

test('CDHosting’s own verification takes every delivery, and refuses a changed one', () => {
  const secret = 'your_webhook_secret';
  const verifyWebhook = (payload: string, signature: string) => {
    const expected = createHmac('sha256', secret).update(payload).digest('hex');
    return timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
  };
  const seen = new Set<string>();
  for (const { name, event } of goldenCases) {
    const rendered = cdhosting.render(event, sampleTarget({ secrets: [secret] }));
    if (rendered === undefined) continue;
    const signature = rendered.headers['X-Webhook-Signature'] ?? '';
    assert.equal(verifyWebhook(rendered.body, signature), true, name);
    assert.equal(verifyWebhook(`${rendered.body} `, signature), false, name);
    const body = JSON.parse(rendered.body) as Record<string, unknown>;
    assert.deepEqual(Object.keys(body), ['id', 'type', 'created_at', 'data'], name);
    assert.match(String(body.created_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    seen.add(String(body.type));
  }
  for (const type of CDHOSTING_TYPES) assert.ok(seen.has(type), type);
});

test('the library of Standard Webhooks takes every delivery of format standard', () => {
  const secret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
  const receiver = new Webhook(secret);
  const timestampSeconds = Math.floor(Date.now() / 1000);
  for (const { name, event } of goldenCases) {
    const body = standard.render(event, sampleTarget())?.body ?? '';
    const signed = signStandardWebhook({ id: 'dlv_1', timestampSeconds, body, secrets: [secret] });
    const headers = {
      'webhook-id': 'dlv_1',
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signed,
    };
    const read = receiver.verify(body, headers) as Record<string, unknown>;
    assert.deepEqual([read.type, read.id], [event.type, event.id], name);
    assert.throws(() => receiver.verify(`${body} `, headers));
  }
});

test('VirtFusion’s receivers find in every body what the page lists, and the same in the headers', () => {
  for (const { name, event } of goldenCases) {
    const rendered = virtfusion.render(event, sampleTarget());
    if (rendered === undefined) continue;
    const body = JSON.parse(rendered.body) as Record<string, unknown>;
    const members = ['event', 'created', 'hookId', 'hookEventId', 'eventStatus'];
    const control = ['controlDomain', 'controlName', 'controlSupportLink'];
    assert.deepEqual(Object.keys(body), [...members, ...control, 'data'], name);
    assert.ok(Array.isArray((body.data as { errors: unknown }).errors), name);
    const headers = ['Event', 'Created', 'Hook', 'Hook-Event', 'Event-Status'];
    assert.deepEqual(
      members.map((member) => body[member]),
      headers.map((header) => rendered.headers[`X-VirtFusion-${header}`]),
      name,
    );
    assert.match(String(body.created), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  }
});

test('Xen Orchestra’s example of a receiver reads every body', () => {
  for (const { name, event } of goldenCases) {
    const data = xenOrchestra.render(event, sampleTarget())?.body ?? '';
    const { method, params, type, result, error, timestamp, ...rest } = JSON.parse(data);
    assert.match(
      `${new Date(timestamp).toISOString()} [${method}|${type}]`,
      /^\d{4}-.*\|p(re|ost)\]$/,
    );
    assert.equal(typeof params, 'object', name);
    const after = [typeof rest.duration, (result === undefined) !== (error === undefined)];
    assert.deepEqual(after, type === 'post' ? ['number', true] : ['undefined', false], name);
    for (const member of ['callId', 'userId', 'userName'])
      assert.equal(typeof rest[member], 'string');
    assert.equal(error?.stack, undefined);
  }
});
