import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const index = new URL('./index.ts', import.meta.url).href;

// A service with every kind of server, on free ports unless PORT says otherwise.
const program = `
  import { createGrpcServer, createHealthServer, createHttpServer, createMetrics, createPeriodic,
    processConfig, runService } from ${JSON.stringify(index)};
  await runService({
    name: 'sample',
    configure: processConfig,
    async start(config, { logger }) {
      await using stack = new AsyncDisposableStack();
      const host = config.bind;
      const add = async (part) => {
        stack.defer(() => part.stop());
        await part.start();
      };
      const health = createHealthServer({ service: 'sample', host, port: 0, metrics: createMetrics() });
      await add(health);
      await add(createGrpcServer({ name: 'sample', host, port: 0, services: [], logger, authenticate: async () => undefined }));
      await add(createPeriodic({ name: 'tick', intervalMs: 10, logger, runOnce: async () => {} }));
      await add(createHttpServer({ name: 'sample', host, port: Number(process.env.PORT ?? 0), logger, routes() {} }));
      const parts = stack.move();
      return { stop: () => parts.disposeAsync() };
    },
  });
`;

function run(env: Record<string, string> = {}): ChildProcess & { output: Promise<string> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]).then((parts) =>
    parts.join(''),
  );
  return Object.assign(child, { output });
}

async function untilReady(child: ChildProcess): Promise<void> {
  let seen = '';
  const ready = Promise.withResolvers<void>();
  child.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    if (seen.includes('sample is ready')) ready.resolve();
  });
  child.once('exit', () => ready.reject(new Error(`ended before it was ready: ${seen}`)));
  await ready.promise;
}

test('a process with every kind of server ends by itself after a signal, with status 0', async () => {
  const child = run();
  const exited = once(child, 'exit');
  await untilReady(child);
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  assert.match(await child.output, /sample stopped/);
});

test('a process that cannot have its port ends with status 1 and one line that says why', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const child = run({ PORT: String(port) });
  assert.deepEqual(await once(child, 'exit'), [1, null]);
  const fatal = (await child.output).split('\n').filter((line) => line.includes('"fatal"'));
  assert.equal(fatal.length, 1);
  assert.match(fatal[0] ?? '', new RegExp(`port ${port} .* is taken .*HOOKLINE_PORT_OFFSET`));
  taken.close();
});

test('a process with faults in its environment prints them and ends with status 1', async () => {
  const child = run({ HOOKLINE_BIND: 'everywhere', HOOKLINE_PORT_OFFSET: '-1' });
  assert.deepEqual(await once(child, 'exit'), [1, null]);
  assert.equal((await child.output).trim().split('\n').length, 3);
});
