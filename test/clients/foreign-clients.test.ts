import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { tempDir } from '@hookline/testing';
import { openTenantStack, type TenantStack } from '../support/shared-stack.ts';
import { absence, grpcurl, python, tools } from './tools.ts';

const run = promisify(execFile);

let stack: TenantStack | undefined;
before(async () => {
  if (tools.some((tool) => absence(tool) === false)) stack = await openTenantStack();
});
after(() => stack?.[Symbol.asyncDispose]());

function endpoints() {
  assert.ok(stack);
  const { apiKey, grpc } = stack.endpoints;
  return { address: grpc.subscriptions, env: { ...process.env, HOOKLINE_API_KEY: apiKey } };
}

const SERVICE = 'hookline.v1.SubscriptionService';

/** What grpcurl prints of a call; the key reaches it by its environment, not by its command line. */
async function call(method: string, message: object): Promise<Record<string, unknown>> {
  const { address, env } = endpoints();
  const header = ['-expand-headers', '-H', `authorization: Bearer $\{HOOKLINE_API_KEY}`];
  const data = ['-plaintext', '-d', JSON.stringify(message)];
  const args = [...header, ...data, address, `${SERVICE}/${method}`];
  const { stdout } = await run(grpcurl.path, args, { env });
  return JSON.parse(stdout);
}

type Shown = Readonly<Record<string, string>>;

test('a generic client finds the services by reflection, and creates, lists, updates, rotates and deletes', {
  skip: absence(grpcurl),
}, async () => {
  const { address } = endpoints();
  const { stdout: services } = await run(grpcurl.path, ['-plaintext', address, 'list']);
  assert.ok(services.split('\n').includes(SERVICE), services);
  const { stdout: shape } = await run(grpcurl.path, ['-plaintext', address, 'describe', SERVICE]);
  assert.match(shape, /CreateSubscription creates a subscription/, 'comments are in reflection');

  const url = 'https://receiver.example.com/hooks';
  const subscription = { url, description: 'by grpcurl', filter: { types: ['server.*'] } };
  const made = (await call('CreateSubscription', { subscription })).subscription as Shown;
  const { id = '', secret = '' } = made;
  assert.match(id, /^sub_/);
  assert.match(secret, /^whsec_/);

  const listed = await call('ListSubscriptions', { query: 'by grpcurl' });
  const [shown, ...others] = listed.subscriptions as Shown[];
  assert.deepEqual([shown?.id, shown?.secret, others], [id, undefined, []]);

  const update = {
    subscription: { id, description: 'changed' },
    updateMask: { paths: ['description'] },
  };
  const updated = (await call('UpdateSubscription', update)).subscription as Shown;
  assert.deepEqual([updated.description, updated.url], ['changed', url]);

  const rotated = await call('RotateSecret', { id, overlap: '60s' });
  const { secret: next = '', updateTime = '' } = rotated.subscription as Shown;
  assert.notEqual(next, secret);
  assert.match(next, /^whsec_/);
  assert.equal(Date.parse(String(rotated.overlapEndTime)) - Date.parse(updateTime), 60_000);

  assert.deepEqual(await call('DeleteSubscription', { id }), {});
  await assert.rejects(call('GetSubscription', { id }), /Code: NotFound/);
  const faulty = { subscription: { ...subscription, url: 'ftp://receiver.example.com/' } };
  await assert.rejects(call('CreateSubscription', faulty), /"field": "subscription\.url"/);
});

test('a client in Python, made of the protos alone, creates, lists, updates, rotates, watches and deletes', {
  skip: absence(python),
}, async () => {
  await using folder = await tempDir('python');
  const protos = globSync('**/*.proto', { cwd: 'proto' });
  const out = ['-I', 'proto', `--python_out=${folder.path}`, `--grpc_python_out=${folder.path}`];
  await run(python.path, ['-m', 'grpc_tools.protoc', ...out, ...protos]);
  const { address, env } = endpoints();
  const client = ['test/clients/subscriptions.py', address, folder.path];
  const { stdout } = await run(python.path, client, { env });
  const { id, secret, faulty } = JSON.parse(stdout);
  assert.match(id, /^sub_/);
  assert.match(secret, /^whsec_/);
  assert.deepEqual(faulty, ['subscription.url', 'subscription.filter.types']);
});
