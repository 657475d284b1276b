import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultPorts } from '@hookline/service-runtime';
import { eventually, startTestNats, tempDir } from '@hookline/testing';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { Client } from 'pg';
import { envToConfig } from './config.ts';
import { type Endpoints, readEndpoints } from './endpoints.ts';
import { createLocalStack, startLocalStack } from './local-stack.ts';
import { identifyProcess } from './processes/process-identity.ts';
import { type ServiceDefinition, services } from './services.ts';
import { findFreePortOffset } from './stack-ports.ts';

const migrate = async () => {};

test('a stack comes up, restarts what dies, keeps its data over a stop, and leaves no process', async () => {
  await using folder = await tempDir('stack');
  const config = await configIn(folder.path);
  const lines: string[] = [];
  const hooks = {
    services: await fakeServices(folder.path),
    migrate,
    onProgress: (line: string) => void lines.push(line),
  };
  const stack = await startLocalStack(config, hooks);
  const { endpoints } = stack;
  assert.deepEqual(await readEndpoints(config.dataDir), endpoints);
  for (const file of ['endpoints.json', 'secrets.json', 'run.json', 'nats/authority.json']) {
    assert.equal((await stat(join(config.dataDir, file))).mode & 0o777, 0o600, file);
  }
  assert.match(endpoints.apiKey, /^hk_[A-Za-z0-9_-]{43}$/);
  await query(endpoints.postgres, 'CREATE TABLE kept AS SELECT 42 AS value');
  await connectAgent(endpoints);

  for (const name of ['dispatcher', 'nats', 'postgres'] as const) {
    const before = endpoints.pids[name];
    assert.ok(before);
    process.kill(before, 'SIGKILL');
    await eventually(() => assert.ok(lines.includes(`${name} is back`)), { timeoutMs: 15_000 });
    const now = await readEndpoints(config.dataDir);
    assert.notEqual(now?.pids[name], before);
    assert.ok(now?.pids[name]);
  }
  const last = await eventually(async () => {
    const read = await readEndpoints(config.dataDir);
    assert.ok(read);
    return read;
  });
  await stack.stop();
  for (const pid of Object.values(last.pids)) assert.equal(identifyProcess(pid ?? 0), undefined);
  assert.equal(await readEndpoints(config.dataDir), undefined);

  await using again = await startLocalStack(config, hooks);
  assert.equal(again.endpoints.apiKey, endpoints.apiKey);
  assert.deepEqual(await query(again.endpoints.postgres, 'SELECT value FROM kept'), [
    { value: 42 },
  ]);
  await connectAgent(endpoints);
});

test('each service gets its environment, and only the subscription service the bootstrap keys', async () => {
  await using folder = await tempDir('stack');
  const config = await configIn(folder.path);
  const hooks = { services: await fakeServices(folder.path), migrate };
  await using stack = await startLocalStack(config, hooks);
  const read = async (name: string) =>
    JSON.parse(await readFile(join(folder.path, `${name}.env.json`), 'utf8'));
  const subscriptions = await read('subscription-service');
  assert.equal(subscriptions.HOOKLINE_BOOTSTRAP_API_KEY, stack.endpoints.apiKey);
  assert.equal(subscriptions.HOOKLINE_BOOTSTRAP_PUBLISHER_KEY, stack.endpoints.publisherKey);
  assert.equal(subscriptions.HOOKLINE_POSTGRES_URL, stack.endpoints.postgres);
  assert.equal(Buffer.from(subscriptions.HOOKLINE_MASTER_KEY, 'base64').length, 32);
  const dispatcher = await read('dispatcher');
  assert.equal(dispatcher.HOOKLINE_BOOTSTRAP_API_KEY, undefined);
  assert.equal(dispatcher.HOOKLINE_ALLOW_SUBNETS, '127.0.0.0/8,::1/128');
  assert.equal(dispatcher.HOOKLINE_DATA_DIR, config.dataDir);
});

test('a second start on the same folder, and one on taken ports, say so and harm nothing', async () => {
  await using folder = await tempDir('stack');
  const config = await configIn(folder.path);
  const hooks = { services: await fakeServices(folder.path), migrate };
  await using stack = await startLocalStack(config, hooks);
  await assert.rejects(startLocalStack(config, hooks), { code: 'already_running' });
  const elsewhere = { ...config, dataDir: join(folder.path, 'other') };
  await assert.rejects(startLocalStack(elsewhere, hooks), (error: Error) => {
    assert.match(error.message, /HOOKLINE_PORT_OFFSET/);
    assert.match(error.message, new RegExp(`${config.ports.nats} \\(nats\\)`));
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
  assert.deepEqual(await readEndpoints(config.dataDir), stack.endpoints);
  await connectAgent(stack.endpoints);
});

test('a service that ends before it is ready fails the start with its last lines, and nothing stays', async () => {
  await using folder = await tempDir('stack');
  const config = await configIn(folder.path);
  const broken = join(folder.path, 'broken.ts');
  await writeFile(broken, "console.error('HOOKLINE_X: it must be set'); process.exitCode = 3;");
  const definitions = (await fakeServices(folder.path)).map((definition) =>
    definition.name === 'console' ? { ...definition, script: broken } : definition,
  );
  await assert.rejects(startLocalStack(config, { services: definitions, migrate }), {
    code: 'service_failed',
    message: /^console exited with code 3 before it was ready \(log: .*console\.log\)$/,
    logLines: ['HOOKLINE_X: it must be set'],
  });
  assert.equal(await readEndpoints(config.dataDir), undefined);
});

test('a stop in the middle of a start ends it and leaves nothing', async () => {
  await using folder = await tempDir('stack');
  const config = await configIn(folder.path);
  const stack = createLocalStack(config, {
    services: await fakeServices(folder.path),
    migrate: async () => void stack.stop(),
  });
  await assert.rejects(stack.start(), { code: 'stopped' });
  await assert.rejects(stat(join(config.dataDir, 'run.lock')), { code: 'ENOENT' });
  await assert.rejects(stat(join(config.dataDir, 'run.json')), { code: 'ENOENT' });
});

test('given servers are used and none is started; ones that are away are named in one line', async () => {
  await using folder = await tempDir('stack');
  await using nats = await startTestNats({ operatorMode: false });
  const away = createServer();
  await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve));
  const { port } = away.address() as AddressInfo;
  await new Promise((resolve) => away.close(resolve));
  const hooks = { services: await fakeServices(folder.path), migrate };

  const noPostgres = await configIn(folder.path, {
    HOOKLINE_POSTGRES_URL: `postgres://user:hidden@127.0.0.1:${port}/hookline`,
  });
  await assert.rejects(startLocalStack(noPostgres, hooks), (error: Error) => {
    assert.match(
      error.message,
      /^cannot use PostgreSQL at 127\.0\.0\.1:\d+\/hookline: .*HOOKLINE_POSTGRES_URL/,
    );
    assert.doesNotMatch(error.message, /hidden|\n/);
    return true;
  });
  const noNats = await configIn(folder.path, { HOOKLINE_NATS_URL: `nats://127.0.0.1:${port}` });
  await assert.rejects(startLocalStack(noNats, hooks), {
    code: 'nats_unreachable',
    message: /HOOKLINE_NATS_URL/,
  });
  const given = await configIn(folder.path, { HOOKLINE_NATS_URL: nats.url });
  await using stack = await startLocalStack(given, hooks);
  assert.equal(stack.endpoints.pids.nats, null);
  assert.equal(stack.endpoints.natsCreds, null);
  assert.equal(stack.endpoints.nats, nats.url);
});

async function configIn(folder: string, env: Record<string, string> = {}) {
  const offset = await findFreePortOffset();
  return envToConfig({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    HOOKLINE_DATA_DIR: join(folder, 'data'),
    HOOKLINE_PORT_OFFSET: String(offset),
    ...env,
  });
}

/** Scripts that are ready at once, write down their environment, and end on SIGTERM. */
async function fakeServices(folder: string): Promise<ServiceDefinition[]> {
  await mkdir(folder, { recursive: true });
  return await Promise.all(
    services.map(async (definition) => {
      const script = join(folder, `${definition.name}.mjs`);
      const port = defaultPorts[definition.healthPort];
      await writeFile(
        script,
        `import { createServer } from 'node:http';
         import { writeFileSync } from 'node:fs';
         writeFileSync(${JSON.stringify(join(folder, `${definition.name}.env.json`))}, JSON.stringify(process.env));
         const server = createServer((request, response) => response.end('ready'));
         server.listen(${port} + Number(process.env.HOOKLINE_PORT_OFFSET), '127.0.0.1');
         process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); });`,
      );
      return { ...definition, script };
    }),
  );
}

async function connectAgent(endpoints: Endpoints): Promise<void> {
  assert.ok(endpoints.natsCreds);
  const connection = await connect({
    servers: endpoints.nats,
    authenticator: credsAuthenticator(await readFile(endpoints.natsCreds)),
    inboxPrefix: endpoints.natsInboxPrefix,
  });
  await connection.close();
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
