import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateSubscriptionRequest, SubscriptionServiceService } from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { eventually, startReceiver } from '@hookline/testing';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;

before(async () => {
  stack = await startTestStack();
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
    for (let round = 0; round < rounds; round += 1) {
      await client.createSubscription(
        CreateSubscriptionRequest.fromPartial({
          subscription: {
            url: `${receiver.url}/${round}`,
            filter: { types: [`server.round_${round}`] },
          },
        }),
        { apiKey: stack.endpoints.apiKey },
      );
      agent.publish(`hv.default.node-1.server.round_${round}`, `{"server_id":"srv_${round}"}`);
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
