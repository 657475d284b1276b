import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateSubscriptionRequest,
  Outcome,
  SubscriptionServiceService,
} from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { eventually, startReceiver } from '@hookline/testing';
import { openTenantStack, type TenantStack } from '../support/shared-stack.ts';

const AT_ONCE = 10;

let stack: TenantStack;

before(async () => {
  stack = await openTenantStack();
});

after(() => stack?.[Symbol.asyncDispose]());

test('500 times: a subscription created and an event published at once, with no pause, meet', async () => {
  const rounds = 500;
  await using receiver = Object.assign(await startReceiver(), {
    async [Symbol.asyncDispose]() {
      await receiver.stop();
    },
  });
  const client = createGrpcClient(SubscriptionServiceService, {
    address: stack.endpoints.grpc.subscriptions,
  });
  const agent = await stack.connectAgent();
  try {
    const meet = async (round: number) => {
      await client.createSubscription(
        CreateSubscriptionRequest.fromPartial({
          subscription: {
            url: `${receiver.url}/${round}`,
            filter: { types: [`server.round_${round}`] },
          },
        }),
        { apiKey: stack.endpoints.apiKey },
      );
      agent.publish(
        `hv.${stack.endpoints.tenant}.node-1.server.round_${round}`,
        `{"server_id":"srv_${round}"}`,
      );
    };
    // Several at a time; each publishes at once after its own creation.
    for (let round = 0; round < rounds; round += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, each) => meet(round + each)));
    }
    await eventually(
      () => {
        const paths = new Set(receiver.requests.map((request) => request.path));
        const missing = Array.from({ length: rounds }, (_, round) => `/webhooks/${round}`).filter(
          (path) => !paths.has(path),
        );
        assert.deepEqual(missing, []);
      },
      { timeoutMs: 20_000 },
    );
    assert.equal(receiver.received(), rounds);
  } finally {
    client.close();
    await agent.close();
  }
});

test('a subscription is pinged, paused, resumed and deleted over gRPC, and its receiver hears what it should', async () => {
  const receiver = await startReceiver();
  const client = createGrpcClient(SubscriptionServiceService, {
    address: stack.endpoints.grpc.subscriptions,
  });
  const agent = await stack.connectAgent();
  const as = { apiKey: stack.endpoints.apiKey };
  const publish = (type: string) =>
    agent.publish(`hv.${stack.endpoints.tenant}.node-1.${type}`, '{}');
  try {
    const { subscription } = await client.createSubscription(
      CreateSubscriptionRequest.fromPartial({
        subscription: { url: receiver.url, filter: { types: ['states.*'] } },
      }),
      as,
    );
    const id = subscription?.id ?? '';
    const pinged = await client.pingSubscription({ id }, as);
    assert.equal(pinged.attempt?.outcome, Outcome.OUTCOME_SUCCEEDED);
    assert.equal(pinged.attempt.deliveryId, pinged.deliveryId);
    assert.equal(receiver.requests[0]?.headers['webhook-id'], pinged.deliveryId);
    assert.equal(receiver.requests[0]?.headers['hookline-event-id'], pinged.eventId);

    await client.pauseSubscription({ id, etag: '' }, as);
    publish('states.held');
    await eventually(async () => {
      const { health } = await client.getSubscriptionHealth({ id }, as);
      assert.equal(health?.waitingCount, 1n);
    });
    assert.equal(receiver.received(), 1);
    await client.resumeSubscription({ id, etag: '' }, as);
    publish('states.resumed');
    await receiver.waitFor(3, 10_000);
    await client.deleteSubscription({ id, etag: '' }, as);
    await assert.rejects(client.pingSubscription({ id }, as), { code: 5 });
  } finally {
    client.close();
    await agent.close();
    await receiver.stop();
  }
});
