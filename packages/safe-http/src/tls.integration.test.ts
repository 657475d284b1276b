import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import {
  type ReceiverTls,
  startReceiver,
  testOnlyCertificateAuthority,
  testOnlyTls,
  testOnlyTlsExpired,
  testOnlyTlsOfAnotherHost,
} from '@hookline/testing';
import { createSafeHttpClient, type HttpOutcome, parseAllowSubnets } from './index.ts';

const loopback = parseAllowSubnets('127.0.0.0/8');
assert.ok(loopback.ok);
const policy = { allowSubnets: loopback.subnets, allowHttp: false };

interface Call {
  readonly tls?: ReceiverTls;
  readonly ca?: string;
  readonly host?: string;
}

/** One request to a receiver of its own; answers the outcome and how many requests it received. */
async function call({ tls, ca, host = '127.0.0.1' }: Call): Promise<[HttpOutcome, number]> {
  const receiver = await startReceiver(tls === undefined ? {} : { tls });
  const resolve = async () => ['127.0.0.1'];
  const client = createSafeHttpClient({ policy, resolve, ...(ca === undefined ? {} : { ca }) });
  const url = `https://${host}:${receiver.port}/`;
  const outcomes: HttpOutcome[] = [];
  for (const body of ['1', '2']) {
    outcomes.push(await client.send({ url, method: 'POST', headers: {}, body, timeoutMs: 5_000 }));
  }
  await client.close();
  await receiver.stop();
  assert.equal(outcomes[0]?.kind, outcomes[1]?.kind);
  return [outcomes[0] as HttpOutcome, receiver.received()];
}

test('a certificate of the private bundle is accepted, for name and address', async () => {
  for (const host of ['127.0.0.1', 'receiver.test', 'receiver.test.']) {
    const [outcome, received] = await call({
      tls: testOnlyTls,
      ca: testOnlyCertificateAuthority,
      host,
    });
    assert.equal(outcome.kind, 'response', JSON.stringify(outcome));
    assert.equal(received, 2);
  }
});

const bad: Readonly<Record<string, readonly [code: string, call: Call]>> = {
  'of an unknown authority': ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', { tls: testOnlyTls }],
  'of another host': [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    { tls: testOnlyTlsOfAnotherHost, ca: testOnlyCertificateAuthority },
  ],
  'not for this name': [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    { tls: testOnlyTls, ca: testOnlyCertificateAuthority, host: 'other.test' },
  ],
  expired: ['CERT_HAS_EXPIRED', { tls: testOnlyTlsExpired, ca: testOnlyCertificateAuthority }],
};

for (const [what, [code, how]] of Object.entries(bad)) {
  test(`a certificate ${what} is tls_failed and nothing is sent`, async () => {
    const [outcome, received] = await call(how);
    assert.ok(outcome.kind === 'tls_failed', JSON.stringify(outcome));
    assert.equal(outcome.code, code);
    assert.equal(received, 0);
  });
}

test('a plain http server on an https URL is tls_failed', async () => {
  const [outcome, received] = await call({});
  assert.equal(outcome.kind, 'tls_failed', JSON.stringify(outcome));
  assert.equal(received, 0);
});

test('a bundle that is no certificate stops the start', () => {
  for (const ca of [
    '',
    'nonsense',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  ]) {
    assert.throws(() => createSafeHttpClient({ policy, ca }), /bundle/);
  }
});

const script = `
  const { createSafeHttpClient, parseAllowSubnets } = await import(process.argv[1]);
  const allowSubnets = parseAllowSubnets('127.0.0.0/8').subnets;
  const client = createSafeHttpClient({ policy: { allowSubnets, allowHttp: true } });
  const kinds = [];
  for (const url of process.argv.slice(2)) {
    const request = { url, method: 'POST', headers: {}, body: '{}', timeoutMs: 5000 };
    kinds.push((await client.send(request)).kind);
  }
  await client.close();
  console.log(JSON.stringify(kinds));
`;

test('neither a proxy nor NODE_TLS_REJECT_UNAUTHORIZED in the environment weakens it (P6)', async () => {
  const proxy = await startReceiver();
  const plain = await startReceiver();
  const secure = await startReceiver({ tls: testOnlyTls });
  const proxyUrl = `http://127.0.0.1:${proxy.port}`;
  const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy'];
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      script,
      new URL('./index.ts', import.meta.url).href,
      'http://10.0.0.1/',
      'http://169.254.169.254/latest',
      secure.url,
      plain.url,
    ],
    {
      env: {
        ...Object.fromEntries(variables.map((name) => [name, proxyUrl])),
        NODE_USE_ENV_PROXY: '1',
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let output = '';
  for await (const chunk of child.stdout) output += chunk;
  assert.deepEqual(JSON.parse(output), ['refused', 'refused', 'tls_failed', 'response']);
  assert.equal(proxy.connections().accepted, 0);
  assert.equal(secure.received(), 0);
  assert.equal(plain.received(), 1);
  await Promise.all([proxy, plain, secure].map((each) => each.stop()));
});
