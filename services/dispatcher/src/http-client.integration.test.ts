import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigurationError, StartError } from '@hookline/service-runtime';
import {
  startHttp2Receiver,
  startReceiver,
  tempDir,
  testOnlyCertificateAuthority,
  testOnlyTls,
} from '@hookline/testing';
import { dispatcherConfig } from './config.ts';
import { openHttpClient } from './http-client.ts';

const env = {
  HOOKLINE_POSTGRES_URL: 'postgres://hookline:pw@127.0.0.1:5433/hookline',
  HOOKLINE_NATS_URL: 'nats://127.0.0.1:4222',
  HOOKLINE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  HOOKLINE_ALLOW_SUBNETS: '127.0.0.0/8',
};

test('HOOKLINE_CA_FILE makes receivers of a private authority trusted, over both protocols', async () => {
  await using folder = await tempDir('ca');
  const path = join(folder.path, 'ca.pem');
  await writeFile(path, `Our authority:\n${testOnlyCertificateAuthority}\n`);
  const http1 = await startReceiver({ tls: testOnlyTls });
  const http2 = await startHttp2Receiver({ tls: testOnlyTls });
  const trusting = await openHttpClient(dispatcherConfig({ ...env, HOOKLINE_CA_FILE: path }));
  const plain = await openHttpClient(dispatcherConfig(env));
  for (const { url } of [http1, http2]) {
    const request = { url, method: 'POST', headers: {}, timeoutMs: 10_000 } as const;
    assert.equal((await trusting.send(request)).kind, 'response');
    assert.equal((await plain.send(request)).kind, 'tls_failed');
  }
  await Promise.all([trusting, plain].map((client) => client.close()));
  await Promise.all([http1, http2].map((receiver) => receiver.stop()));
});

test('a bundle that cannot be used stops the start, and the line names variable, fault and remedy', async () => {
  await using folder = await tempDir('ca');
  const broken = testOnlyCertificateAuthority.replace(/MII.*/, 'AAAA');
  const faults = {
    'missing.pem': [undefined, /ENOENT/],
    'empty.pem': ['', /holds no certificate in PEM/],
    'text.pem': ['not a bundle', /holds no certificate in PEM/],
    'broken.pem': [`${testOnlyCertificateAuthority}\n${broken}`, /certificate 2 .* cannot be read/],
  } as const;
  for (const [name, [text, reason]] of Object.entries(faults)) {
    const path = join(folder.path, name);
    if (text !== undefined) await writeFile(path, text);
    await assert.rejects(
      openHttpClient(dispatcherConfig({ ...env, HOOKLINE_CA_FILE: path })),
      (error) => {
        assert.ok(error instanceof StartError);
        assert.ok(error.message.startsWith(`HOOKLINE_CA_FILE=${path} cannot be used: `));
        assert.match(error.message, reason);
        assert.match(error.mend, /PEM file/);
        return true;
      },
    );
  }
});

test('a proxy that is none is a fault of the configuration, and its password is not printed', () => {
  for (const value of [
    'socks5://proxy.example:1080',
    'proxy.example:3128',
    'http://u:hidden@p/x',
  ]) {
    assert.throws(
      () => dispatcherConfig({ ...env, HOOKLINE_HTTP_PROXY: value }),
      (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(error.message, /HOOKLINE_HTTP_PROXY=.*not shown.*http:\/\/proxy/);
        assert.doesNotMatch(error.message, /hidden/);
        return true;
      },
    );
  }
});
