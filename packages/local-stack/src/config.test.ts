import assert from 'node:assert/strict';
import { test } from 'node:test';
import { envToConfig } from './config.ts';

test('without any variable the stack is the documented one', () => {
  const config = envToConfig({});
  assert.match(config.dataDir, /^\/.*\.hookline$/);
  assert.equal(config.ports.console, 8080);
  assert.equal(config.ports.postgres, 5433);
  assert.equal(config.bind, '127.0.0.1');
  assert.equal(config.allowSubnets, '127.0.0.0/8,::1/128');
  assert.equal(config.allowSubnetsByDefault, true);
  assert.equal(config.postgresUrl, undefined);
});

test('the port offset moves every port', () => {
  const config = envToConfig({ HOOKLINE_PORT_OFFSET: '1000' });
  assert.equal(config.ports.nats, 5222);
  assert.equal(config.ports.consoleHealth, 10105);
});

test('all faults are reported together, without secrets', () => {
  assert.throws(
    () =>
      envToConfig({
        HOOKLINE_PORT_OFFSET: 'many',
        HOOKLINE_POSTGRES_URL: 'mysql://me:hidden@db/x',
        HOOKLINE_ALLOW_SUBNETS: '10.0.0.1/8',
        HOOKLINE_MASTER_KEY: 'short',
        HOOKLINE_BOOTSTRAP_API_KEY: 'hk_no',
      }),
    (error: Error) => {
      for (const name of [
        'PORT_OFFSET',
        'POSTGRES_URL',
        'ALLOW_SUBNETS',
        'MASTER_KEY',
        'API_KEY',
      ]) {
        assert.match(error.message, new RegExp(`HOOKLINE_.*${name}`));
      }
      assert.doesNotMatch(error.message, /hidden|short|hk_no/);
      return true;
    },
  );
});
