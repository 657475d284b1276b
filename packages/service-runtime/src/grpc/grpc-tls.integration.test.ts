import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { credentials, status } from '@grpc/grpc-js';
import { SubscriptionServiceService } from '@hookline/contracts';
import { createLogger } from '@hookline/telemetry';
import {
  eventually,
  tempDir,
  testOnlyCertificateAuthority,
  testOnlyTls,
  testOnlyTlsOfAnotherHost,
} from '@hookline/testing';
import { createGrpcClient } from './grpc-client.ts';
import { createGrpcServer } from './grpc-server.ts';
import { grpcService } from './grpc-service.ts';
import { grpcClientCredentials, openGrpcServerTls } from './grpc-tls.ts';

const logger = createLogger({ service: 'subscription-service', level: 'silent' });
const apiKey = `hk_${'a'.repeat(43)}`;
const request = { id: 'sub_1', etag: '' };

async function startTls(rereadMs?: number) {
  const owned = new AsyncDisposableStack();
  const folder = owned.use(await tempDir('grpc-tls'));
  const at = (name: string) => join(folder.path, name);
  await writeFile(at('ca.pem'), testOnlyCertificateAuthority);
  await writeFile(at('cert.pem'), testOnlyTls.cert);
  await writeFile(at('key.pem'), testOnlyTls.key);
  const paths = { certPath: at('cert.pem'), keyPath: at('key.pem') };
  const tls = await openGrpcServerTls(paths, logger, rereadMs);
  owned.defer(() => tls.stop());
  const server = createGrpcServer({
    name: 'subscription-service',
    host: '127.0.0.1',
    port: 0,
    logger,
    services: [grpcService(SubscriptionServiceService, { deleteSubscription: async () => ({}) })],
    authenticate: async () => ({ tenant: 'default', keyId: 'key_1', role: 'admin' }),
    credentials: tls.credentials,
  });
  await server.start();
  owned.defer(() => server.stop());
  return {
    owned,
    at,
    port: server.port(),
    client: async (caPath: string | undefined) => {
      const client = createGrpcClient(SubscriptionServiceService, {
        address: `localhost:${server.port()}`,
        credentials: await grpcClientCredentials(caPath),
      });
      owned.defer(() => client.close());
      return client;
    },
  };
}

test('a client that trusts the authority calls over TLS; one that does not, or speaks plain text, gets nowhere', async () => {
  const { owned, at, client, port } = await startTls();
  await using _ = owned;
  const trusting = await client(at('ca.pem'));
  assert.deepEqual(await trusting.deleteSubscription(request, { apiKey }), {});
  const plain = await client(undefined);
  const distrusting = createGrpcClient(SubscriptionServiceService, {
    address: `localhost:${port}`,
    credentials: credentials.createSsl(),
  });
  owned.defer(() => distrusting.close());
  for (const each of [plain, distrusting]) {
    await assert.rejects(
      each.deleteSubscription(request, { apiKey, deadlineMs: 1_000 }),
      (error) => {
        const { code } = error as { code: status };
        return code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED;
      },
    );
  }
});

test('a renewed certificate is taken without a restart; one that is faulty leaves the present one in use', async () => {
  const { owned, at, port } = await startTls(20);
  await using _ = owned;
  const nameShown = () =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(
        { port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] },
        () => {
          resolve(String(socket.getPeerCertificate().subjectaltname));
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
  await eventually(async () => assert.match(await nameShown(), /localhost/));
  await writeFile(at('cert.pem'), testOnlyTlsOfAnotherHost.cert);
  await eventually(async () => assert.match(await nameShown(), /another\.test/));
  await writeFile(at('cert.pem'), 'no certificate');
  await writeFile(at('key.pem'), 'no key');
  assert.match(await nameShown(), /another\.test/);
  await writeFile(at('key.pem'), testOnlyTls.key);
  await writeFile(at('cert.pem'), testOnlyTls.cert);
  await eventually(async () => assert.match(await nameShown(), /localhost/));
});

test('files that cannot be read, or hold no pair, are told with the variables that mend it', async () => {
  await using folder = await tempDir('grpc-tls');
  const path = join(folder.path, 'cert.pem');
  await writeFile(path, 'no certificate');
  for (const paths of [
    { certPath: '/nowhere', keyPath: path },
    { certPath: path, keyPath: path },
  ]) {
    await assert.rejects(openGrpcServerTls(paths, logger), {
      name: 'StartError',
      message: /the TLS certificate of gRPC cannot be used/,
      mend: /HOOKLINE_GRPC_TLS_CERT and HOOKLINE_GRPC_TLS_KEY/,
    });
  }
});
