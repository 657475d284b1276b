import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReceivedFormat } from './events/events.ts';
import { SECRET, type SendOptions, sentWebhook } from './fixtures.ts';
import { createReceiver, type VerifiedWebhook, verifyWebhook } from './receiver.ts';
import type { ReceiverOptions } from './receiver-options.ts';

const TOKEN = 'a-token-of-the-control-panel';

/** What a receiver of the format makes of a webhook in it. */
function received<Format extends ReceivedFormat>(
  format: Format,
  send: SendOptions = {},
): VerifiedWebhook<Format> {
  return verifyWebhook(sentWebhook({ format, ...send }), { secret: SECRET, format });
}

function code(request: ReturnType<typeof sentWebhook>, options: ReceiverOptions<ReceivedFormat>) {
  const verdict = createReceiver(options).verify(request);
  return verdict.kind === 'verified' ? 'verified' : verdict.error.code;
}

test('cloudevents: structured mode gives attributes, extensions and data', () => {
  const { event } = received('cloudevents');
  assert.equal(event.type, 'server.started');
  assert.equal(event.source, '/hosts/node-1');
  assert.equal(event.sequence, '00000000000000000007');
  assert.equal(event.status, 'success');
  assert.deepEqual(event.extensions, { actor: 'api' });
  assert.equal(event.data.name, 'production-web-01');
});

test('cloudevents-binary: attributes come from the headers, percent-decoded', () => {
  const change = { extensions: { reason: 'Umzug nach "Köln" 100%' }, subject: 'srv 1' };
  const { event } = received('cloudevents-binary', { event: change });
  assert.deepEqual(event, {
    ...received('cloudevents', { event: change }).event,
    extensions: { reason: 'Umzug nach "Köln" 100%' },
  });
  const request = sentWebhook({ format: 'cloudevents-binary' });
  const broken = { ...request, headers: { ...request.headers, 'ce-subject': '%E0%A4%A' } };
  const options = { secret: SECRET, format: 'cloudevents-binary' } as const;
  assert.equal(code(broken, options), 'invalid_header');
});

test('an event that is about to happen has no status in any format that tells it', () => {
  for (const format of ['standard', 'cloudevents', 'cloudevents-binary'] as const) {
    const event = { phase: 'pre' as const, status: undefined } as unknown as object;
    const { event: seen } = received(format, { event });
    assert.equal(seen.phase, 'pre');
    assert.equal('status' in seen, false, format);
  }
});

test('cdhosting: both signatures must be good, the hex one keyed on the characters of the secret', () => {
  const options = { secret: SECRET, format: 'cdhosting' } as const;
  const good = sentWebhook({ format: 'cdhosting' });
  assert.equal(code(good, options), 'verified');
  const withHeaders = (headers: Record<string, string>) =>
    code({ ...good, headers: { ...good.headers, ...headers } }, options);
  assert.equal(withHeaders({ 'X-Webhook-Signature': 'a'.repeat(64) }), 'signature_mismatch');
  assert.equal(withHeaders({ 'X-Webhook-Signature': '' }), 'missing_header');
  assert.equal(withHeaders({ 'webhook-signature': 'v1,AAAA' }), 'signature_mismatch');

  const encoded = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const made = sentWebhook({ format: 'cdhosting', secrets: [encoded] });
  assert.equal(code(made, { ...options, secret: encoded }), 'verified');
});

test('cdhosting: a failure is server.error, and the header may have another name', () => {
  const webhook = verifyWebhook(
    sentWebhook({
      format: 'cdhosting',
      event: { status: 'fail' },
      options: { signature_header: 'X-Hook-Signature' },
    }),
    { secret: SECRET, format: 'cdhosting', signatureHeader: 'X-Hook-Signature' },
  );
  assert.equal(webhook.event.type, 'server.error');
  assert.equal(webhook.event.time, '2025-01-15T10:30:00Z');
});

test('cdhosting: a sender of the hex HMAC alone is verified by it alone, and repeats are told by the event id', () => {
  const { headers, body } = sentWebhook({ format: 'cdhosting' });
  const name = 'X-Webhook-Signature';
  const webhook = verifyWebhook(
    { headers: { [name]: headers[name], 'webhook-id': 'dlv_forged' }, body },
    { secret: SECRET, format: 'cdhosting', proofs: ['hex-hmac'] },
  );
  assert.equal(webhook.id, 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7');
  assert.equal(webhook.signedAt, undefined);
});

test('virtfusion: numbers are numbers however they are sent, errors are a list', () => {
  for (const ids of ['string', 'integer']) {
    const { event } = received('virtfusion', { options: { ids } });
    assert.equal(event.type, 'server.boot');
    assert.equal(event.eventNumber, 7);
    assert.equal(event.hookNumber, 12);
    assert.equal(event.status, 'success');
    assert.deepEqual(event.data.errors, []);
    assert.equal((event.data.server as { name: string }).name, 'production-web-01');
  }
});

test('virtfusion: the bearer token in base64 is checked besides the signature, or alone', () => {
  const request = sentWebhook({ format: 'virtfusion', bearerToken: TOKEN });
  const both = { secret: SECRET, format: 'virtfusion', bearerToken: TOKEN } as const;
  assert.equal(code(request, both), 'verified');
  assert.equal(code(request, { ...both, bearerToken: 'another' }), 'authorization_mismatch');
  assert.equal(code(sentWebhook({ format: 'virtfusion' }), both), 'missing_header');
  assert.equal(code({ ...request, body: `${request.body} ` }, both), 'signature_mismatch');
  assert.equal(code(request, { ...both, bearerEncoding: 'plain' }), 'authorization_mismatch');

  const { authorization } = request.headers;
  const vendors = { headers: { authorization: authorization as string }, body: request.body };
  const alone = { format: 'virtfusion', proofs: ['bearer'], bearerToken: TOKEN } as const;
  const [first, again] = [verifyWebhook(vendors, alone), verifyWebhook(vendors, alone)];
  assert.match(first.id, /^[0-9a-f]{64}$/);
  assert.equal(first.id, again.id, 'the same body has the same id');
});

test('virtfusion: what VirtFusion itself says for no errors is a list as well', () => {
  const body = (errors: unknown) =>
    JSON.stringify({
      event: 'server.boot',
      created: '2023-04-07T07:18:15.316192Z',
      hookId: '1',
      hookEventId: '7',
      eventStatus: 'success',
      data: { server: false, errors },
    });
  const options = { format: 'virtfusion', proofs: ['bearer'], bearerToken: TOKEN } as const;
  const { authorization } = sentWebhook({ bearerToken: TOKEN }).headers;
  const errorsOf = (errors: unknown) =>
    verifyWebhook({ headers: { authorization }, body: body(errors) }, options).event.data.errors;
  for (const none of [false, null, '', undefined]) assert.deepEqual(errorsOf(none), []);
  assert.deepEqual(errorsOf({ code: 1 }), [{ code: 1 }]);
  assert.deepEqual(errorsOf(['a', 'b']), ['a', 'b']);
});

test('xen-orchestra: the hooks before and after a call are told apart, and success from failure', () => {
  const before = received('xen-orchestra', {
    event: { phase: 'pre', status: undefined } as unknown as object,
  }).event;
  assert.deepEqual([before.type, before.phase, 'status' in before], ['vm.start', 'pre', false]);

  const { event: done, id, eventId } = received('xen-orchestra');
  assert.deepEqual([done.type, done.phase], ['vm.start', 'post']);
  assert.equal(done.phase === 'post' && done.status, 'success');
  assert.equal(done.time, '2025-01-15T10:30:00.000Z');
  assert.equal(id, 'dlv_01jhm3k0gcf0fr2q3n3zt4c6x7');
  assert.equal(eventId, 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7', 'from the header, the body has none');

  const { event: failed } = received('xen-orchestra', { event: { status: 'fail' } });
  assert.equal(failed.phase === 'post' && failed.status, 'fail');
  assert.equal('error' in failed, true);
});
