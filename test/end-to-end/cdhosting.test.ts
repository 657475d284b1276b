import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { CreateSubscriptionRequest, SubscriptionServiceService } from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { type Receiver, startReceiver } from '@hookline/testing';
import { headers, type NatsConnection } from 'nats';
import { Webhook } from 'standardwebhooks';
import { openTenantStack, type TenantStack } from '../support/shared-stack.ts';

const SERVER =
  '{"server_id":"srv_abc123","name":"production-web-01","status":"running","ip":"192.168.1.100"}';

let stack: TenantStack;
let receiver: Receiver;
let agent: NatsConnection;

before(async () => {
  stack = await openTenantStack();
  receiver = await startReceiver();
  agent = await stack.connectAgent();
});

after(async () => {
  await agent?.close();
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
});

// The function of the vendor's page, to the letter.
function verifyWebhook(payload: Buffer, signature: string, secret: string) {
  const expected = crypto.createHmac('sha256', secret).update(payload).digest('hex');
  return crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}

test("a foreign agent's publish reaches a webhook registered as CDHosting's page shows, and its verify function accepts it", async () => {
  const response = await stack.rest('/v1/webhooks', {
    method: 'POST',
    body: JSON.stringify({
      url: `${receiver.url}/cdhosting`,
      events: ['server.started', 'server.stopped', 'server.error'],
      secret: 'your_webhook_secret',
    }),
  });
  assert.equal(response.status, 201);
  const webhook = (await response.json()) as Record<string, unknown>;
  assert.equal(response.headers.get('location'), `/v1/webhooks/${webhook.id}`);
  assert.equal(webhook.secret, undefined, 'a secret that was brought is not shown again');
  assert.equal(webhook.format, 'cdhosting');

  const traceId = crypto.randomBytes(16).toString('hex');
  const sent = headers();
  sent.set('traceparent', `00-${traceId}-00f067aa0ba902b7-01`);
  agent.publish(`hv.${stack.endpoints.tenant}.node-1.server.started`, SERVER, { headers: sent });
  const request = await receiver.waitFor(
    (received) => received.path === '/webhooks/cdhosting',
    10_000,
  );

  const body = request.body.toString();
  const match =
    /^\{"id":"(evt_[0-9a-z]{26})","type":"server\.started","created_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","data":(.*)\}$/.exec(
      body,
    );
  assert.ok(match, body);
  assert.equal(match[2], SERVER, 'data has the published bytes');
  assert.ok(
    verifyWebhook(
      request.body,
      String(request.headers['x-webhook-signature']),
      'your_webhook_secret',
    ),
  );
  assert.match(
    String(request.headers.traceparent),
    new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)`),
  );
  assert.equal(request.headers['hookline-event-id'], match[1]);
});

test('a webhook registered over gRPC is accepted by the standardwebhooks library', async () => {
  const client = createGrpcClient(SubscriptionServiceService, {
    address: stack.endpoints.grpc.subscriptions,
  });
  const { subscription } = await client.createSubscription(
    CreateSubscriptionRequest.fromPartial({
      subscription: {
        url: `${receiver.url}/standard?action=vm.start`,
        filter: { types: ['server.rebooted'] },
      },
    }),
    { apiKey: stack.endpoints.apiKey },
  );
  assert.ok(subscription);
  agent.publish(`hv.${stack.endpoints.tenant}.node-1.server.rebooted`, SERVER);
  const request = await receiver.waitFor(
    (received) => received.path === '/webhooks/standard?action=vm.start',
    10_000,
  );
  const verified = new Webhook(subscription.secret).verify(
    request.body,
    request.headers as Record<string, string>,
  ) as Record<string, unknown>;
  assert.equal(verified.type, 'server.rebooted');
  assert.deepEqual(verified.data, JSON.parse(SERVER));
  assert.equal(verified.subject, 'srv_abc123');
  await client.close();
});

test('the latest attempts are listed over REST and shown on the page', async () => {
  const list = await stack.rest('/v1/deliveries?page_size=10');
  assert.equal(list.status, 200);
  const { data } = (await list.json()) as { data: { id: string; state: string }[] };
  assert.ok(data.length >= 2);
  assert.ok(data.every((delivery) => delivery.state === 'succeeded'));
  const one = await stack.rest(`/v1/deliveries/${data[0]?.id}`);
  const { attempts } = (await one.json()) as { attempts: { http_status: number }[] };
  assert.deepEqual(
    attempts.map((attempt) => attempt.http_status),
    [200],
  );
  const page = await fetch(stack.endpoints.http);
  assert.equal(page.status, 200);
  assert.match(String(page.headers.get('content-security-policy')), /default-src/);
});
