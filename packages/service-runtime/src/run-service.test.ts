import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { processConfig } from './common-config.ts';
import {
  type ProcessPort,
  type RunningService,
  runService,
  type ServiceContext,
} from './run-service.ts';
import { StartError } from './start-error.ts';

/** Stands in for the process: its signals, its environment and its end. */
function fakeProcess(env: Record<string, string> = {}) {
  const emitter = new EventEmitter();
  const exits: number[] = [];
  const errors: string[] = [];
  const host: ProcessPort = {
    env: { HOOKLINE_LOG_LEVEL: 'silent', ...env },
    exit: (code) => void exits.push(code),
    on: (event, listener) => emitter.on(event, listener as () => void),
    stderr: { write: (text) => errors.push(text) },
  };
  return { host, emitter, exits, errors };
}

function define(start: (context: ServiceContext) => Promise<RunningService>) {
  return {
    name: 'dispatcher',
    configure: processConfig,
    start: (_config: unknown, context: ServiceContext) => start(context),
  };
}

test('configuration faults are printed in plain lines, and nothing starts', async () => {
  const { host, errors, exits } = fakeProcess({ HOOKLINE_BIND: 'x', HOOKLINE_PORT_OFFSET: 'y' });
  await runService(
    define(() => assert.fail('started')),
    host,
  );
  assert.equal(host.exitCode, 1);
  assert.deepEqual(exits, []);
  const lines = errors.join('').trim().split('\n');
  assert.equal(lines[0], 'dispatcher cannot start: there are 2 faults in its environment');
  assert.equal(lines.length, 3);
});

test('a signal stops softly and leaves the exit to the event loop', async () => {
  const { host, emitter, exits } = fakeProcess();
  const stopped = Promise.withResolvers<void>();
  await runService(
    define(async () => ({ stop: async () => stopped.resolve() })),
    host,
  );
  emitter.emit('SIGTERM');
  await stopped.promise;
  assert.deepEqual([exits, host.exitCode], [[], undefined]);
});

test('a second signal ends at once', async () => {
  const { host, emitter, exits } = fakeProcess();
  await runService(
    define(async () => ({ stop: () => new Promise(() => {}) })),
    host,
  );
  emitter.emit('SIGINT');
  emitter.emit('SIGINT');
  assert.deepEqual(exits, [1]);
});

test('a soft stop that hangs becomes a hard one after 20 s', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { host, emitter, exits } = fakeProcess();
  await runService(
    define(async () => ({ stop: () => new Promise(() => {}) })),
    host,
  );
  emitter.emit('SIGTERM');
  t.mock.timers.tick(19_999);
  assert.deepEqual(exits, []);
  t.mock.timers.tick(1);
  assert.deepEqual(exits, [1]);
});

test('a signal during the start calls the waiting off, without a failure', async () => {
  const { host, emitter, exits } = fakeProcess();
  const running = runService(
    define(({ signal }) => {
      queueMicrotask(() => emitter.emit('SIGTERM'));
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
    }),
    host,
  );
  await running;
  assert.deepEqual([exits, host.exitCode], [[], undefined]);
});

test('a start that fails, and an uncaught error, end with status 1', async () => {
  const failing = fakeProcess();
  await runService(
    define(() => Promise.reject(new StartError('port 1 is taken', 'free it'))),
    failing.host,
  );
  assert.equal(failing.host.exitCode, 1);
  const crashing = fakeProcess();
  const stopped = Promise.withResolvers<void>();
  await runService(
    define(async () => ({ stop: async () => stopped.resolve() })),
    crashing.host,
  );
  crashing.emitter.emit('unhandledRejection', new Error('a mistake'));
  await stopped.promise;
  assert.equal(crashing.host.exitCode, 1);
});

test('SIGUSR2 turns the log level to debug while it runs, and back', async () => {
  const { host, emitter } = fakeProcess();
  const started = Promise.withResolvers<ServiceContext>();
  await runService(
    define(async (context) => {
      started.resolve(context);
      return { stop: async () => {} };
    }),
    host,
  );
  const { logger, build } = await started.promise;
  assert.deepEqual([logger.level, build?.build], ['silent', 'source']);
  for (const level of ['debug', 'silent', 'debug', 'silent']) {
    emitter.emit('SIGUSR2');
    assert.equal(logger.level, level);
  }
  emitter.emit('SIGTERM');
});
