import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonConfig, grpcAddresses, processConfig } from './common-config.ts';
import {
  ConfigurationError,
  type ConfigurationFault,
  combineConfig,
  readEnv,
} from './environment.ts';
import { boolean, integer, optional, subnets, text, urlOf } from './variables.ts';

const masterKey = Buffer.alloc(32, 7).toString('base64');
const complete = {
  HOOKLINE_POSTGRES_URL: 'postgres://hookline:pw@127.0.0.1:5433/hookline',
  HOOKLINE_NATS_URL: 'nats://127.0.0.1:4222',
  HOOKLINE_MASTER_KEY: masterKey,
};

function faultsOf(read: () => unknown): readonly ConfigurationFault[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

test('a complete environment becomes a configuration with defaults', () => {
  const config = commonConfig({ ...complete, HOOKLINE_PORT_OFFSET: '1000' });
  assert.equal(config.bind, '127.0.0.1');
  assert.equal(config.logLevel, 'info');
  assert.equal(config.natsCredsPath, undefined);
  assert.equal(config.ports.dispatcherHealth, 10_103);
  assert.equal(grpcAddresses({ HOOKLINE_PORT_OFFSET: '1000' }).deliveries, '127.0.0.1:51053');
});

test('all faults are reported together, each with its variable, value and rule', () => {
  const faults = faultsOf(() =>
    commonConfig({
      HOOKLINE_POSTGRES_URL: 'mysql://user:hidden@db/x',
      HOOKLINE_PORT_OFFSET: '99999',
      HOOKLINE_BIND: 'everywhere',
      HOOKLINE_LOG_LEVEL: 'loud',
      HOOKLINE_MASTER_KEY: 'hidden',
    }),
  );
  assert.deepEqual(faults.map(({ variable }) => variable).sort(), [
    'HOOKLINE_BIND',
    'HOOKLINE_LOG_LEVEL',
    'HOOKLINE_MASTER_KEY',
    'HOOKLINE_NATS_URL',
    'HOOKLINE_PORT_OFFSET',
    'HOOKLINE_POSTGRES_URL',
  ]);
  const { message } = new ConfigurationError(faults);
  assert.equal(message.split('\n').length, 6);
  assert.match(message, /HOOKLINE_PORT_OFFSET=99999: it must be a whole number from 0 to 15481/);
  assert.match(
    message,
    /HOOKLINE_NATS_URL is not set: it must be a URL such as nats:\/\/127.0.0.1:4222/,
  );
  assert.doesNotMatch(message, /hidden/);
});

test('garbage is never treated as absent, not even where a variable has a default', () => {
  const variables = {
    days: integer({ name: 'DAYS', min: 1, max: 10, fallback: 7 }),
    flag: boolean({ name: 'FLAG', fallback: false }),
    nets: subnets({ name: 'NETS', fallback: [] }),
    url: optional(urlOf({ name: 'URL', schemes: ['smtp'], example: 'smtp://x' })),
  };
  for (const garbage of [
    'seven',
    '7.5',
    ' ',
    '0x7',
    '1e1',
    '10.0.0.0/33',
    '10.0.0.1/8',
    '::1/129',
    'fe80::/',
  ]) {
    const env = { DAYS: garbage, FLAG: garbage, NETS: garbage, URL: garbage };
    assert.equal(faultsOf(() => readEnv(env, variables)).length, 4, garbage);
  }
  const read = readEnv({ DAYS: '', FLAG: 'On', NETS: '10.0.0.0/8, fd00::/8' }, variables);
  const nets = read.nets.map((subnet) => subnet.text);
  assert.deepEqual(
    { ...read, nets },
    { days: 7, flag: true, nets: ['10.0.0.0/8', 'fd00::/8'], url: undefined },
  );
});

test('the parts of a configuration report their faults together, shared variables once', () => {
  const faults = faultsOf(() =>
    combineConfig(
      { HOOKLINE_BIND: 'x' },
      {
        process: processConfig,
        grpc: grpcAddresses,
        own: (env) => readEnv(env, { name: text({ name: 'OWN', rule: 'a name' }) }),
      },
    ),
  );
  assert.deepEqual(
    faults.map(({ variable }) => variable),
    ['HOOKLINE_BIND', 'OWN'],
  );
});
