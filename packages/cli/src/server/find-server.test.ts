import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints } from '@hookline/local-stack/endpoints';
import { type FindServer, findServer } from './find-server.ts';

const endpoints = {
  http: 'http://127.0.0.1:9080',
  apiKey: 'hk_stack',
  grpc: {
    subscriptions: '127.0.0.1:51051',
    ingest: '127.0.0.1:51052',
    deliveries: '127.0.0.1:51053',
    deadLetters: '127.0.0.1:51054',
  },
} as Endpoints;
const find = (given: Partial<FindServer> = {}) =>
  findServer({ env: {}, endpoints, dataDir: '/data', ...given });

test('without a URL it is the stack of the data folder, with its key', () => {
  const { addresses, apiKey, url } = find();
  assert.deepEqual(
    { addresses, apiKey, url },
    { addresses: endpoints.grpc, apiKey: 'hk_stack', url: endpoints.http },
  );
});

test('the key of the stack is sent to that stack alone', () => {
  assert.equal(find({ url: new URL('http://other.example:8080') }).apiKey, undefined);
  assert.equal(find({ env: { HOOKLINE_URL: 'http://127.0.0.1:9080/' } }).apiKey, 'hk_stack');
  assert.equal(
    find({ env: { HOOKLINE_URL: 'http://a.example', HOOKLINE_API_KEY: 'hk_own' } }).apiKey,
    'hk_own',
  );
  assert.equal(find({ apiKey: 'hk_flag', env: { HOOKLINE_API_KEY: 'hk_own' } }).apiKey, 'hk_flag');
});

test('addresses follow from the URL, its port moved as theirs are, unless variables say otherwise', () => {
  const addressOf = (url: string, env = {}) =>
    find({ url: new URL(url), env }).addresses.deliveries;
  assert.equal(addressOf('http://a.example:8080'), 'a.example:50053');
  assert.equal(addressOf('http://a.example:9080'), 'a.example:51053');
  assert.equal(addressOf('https://a.example'), 'a.example:50053');
  assert.equal(addressOf('http://[::1]:8080'), '[::1]:50053');
  assert.equal(
    addressOf('http://a.example:40000'),
    'a.example:50053',
    'a port out of reach moves nothing',
  );
  assert.equal(
    addressOf('http://a.example', { HOOKLINE_DELIVERIES_ADDRESS: 'b.example:1' }),
    'b.example:1',
  );
});

test('faults of variables are named together, and an unknown server says what to do', () => {
  assert.throws(
    () => find({ env: { HOOKLINE_URL: 'nowhere', HOOKLINE_INGEST_ADDRESS: 'a:70000' } }),
    (error: Error) => {
      assert.match(error.message, /HOOKLINE_URL: "nowhere" is not an http/);
      assert.match(error.message, /HOOKLINE_INGEST_ADDRESS: "a:70000" is not host:port/);
      return true;
    },
  );
  assert.throws(() => find({ endpoints: undefined }), {
    name: 'NoServerError',
    message: /\/data.*npx pnpm start.*HOOKLINE_URL/,
  });
});
