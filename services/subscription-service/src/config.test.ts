import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '@hookline/service-runtime';
import { subscriptionServiceConfig } from './config.ts';

const env = {
  HOOKLINE_POSTGRES_URL: 'postgres://hookline:pw@127.0.0.1:5433/hookline',
  HOOKLINE_NATS_URL: 'nats://127.0.0.1:4222',
  HOOKLINE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
};

test('it listens on 50051 and 9102, moved by the offset, and has no keys unless given', () => {
  const config = subscriptionServiceConfig({ ...env, HOOKLINE_PORT_OFFSET: '100' });
  assert.equal(config.ports.subscriptionsGrpc, 50_151);
  assert.equal(config.ports.subscriptionServiceHealth, 9_202);
  assert.equal(config.bootstrapApiKey, undefined);
  assert.equal(config.bootstrapPublisherKey, undefined);
  assert.deepEqual(config.allowSubnets, []);
  assert.equal(config.allowHttp, false);
});

test('every fault is named together, and keys are not printed', () => {
  const faulty = {
    ...env,
    HOOKLINE_MASTER_KEY: 'short',
    HOOKLINE_ALLOW_SUBNETS: 'everything',
    HOOKLINE_BOOTSTRAP_PUBLISHER_KEY: 'hk_not-a-key',
  };
  assert.throws(
    () => subscriptionServiceConfig(faulty),
    (error) => {
      assert.ok(error instanceof ConfigurationError);
      for (const name of ['MASTER_KEY', 'ALLOW_SUBNETS', 'BOOTSTRAP_PUBLISHER_KEY']) {
        assert.match(error.message, new RegExp(`HOOKLINE_${name}`));
      }
      assert.doesNotMatch(error.message, /hk_not-a-key/);
      return true;
    },
  );
});
