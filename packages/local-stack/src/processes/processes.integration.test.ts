import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, tempDir } from '@hookline/testing';
import { spawnChild } from './child.ts';
import { cutLog, lastLines, rotateLog } from './log-file.ts';
import { stopOrphans } from './orphans.ts';
import { identifyProcess, isRunning, ownIdentity } from './process-identity.ts';
import { isLocked, lockDataDir } from './run-record.ts';

test('orphans are stopped, and a process that only has the same id is left alone', async () => {
  await using folder = await tempDir('processes');
  const sleeper = (name: string) =>
    spawnChild({ name, command: 'sleep', args: ['60'], logFile: join(folder.path, `${name}.log`) });
  const orphan = sleeper('dispatcher');
  const stranger = sleeper('stranger');
  const stopped = await stopOrphans({
    supervisor: ownIdentity(),
    launchers: [],
    children: [
      { name: 'dispatcher', ...orphan.identity },
      { name: 'console', pid: stranger.identity.pid, startedAt: 'another time' },
    ],
  });
  assert.deepEqual(stopped, ['dispatcher']);
  assert.equal((await orphan.exited).signal, 'SIGTERM');
  assert.equal(isRunning(stranger.identity), true);
  await stranger.stop({ signal: 'SIGTERM', graceMs: 1000 });
  assert.equal(identifyProcess(stranger.identity.pid), undefined);
});

test('a process that ignores its stop signal is killed after the grace period', async () => {
  await using folder = await tempDir('processes');
  const logFile = join(folder.path, 'deaf.log');
  const script =
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf');";
  const deaf = spawnChild({
    name: 'deaf',
    command: process.execPath,
    args: ['-e', script],
    logFile,
  });
  await eventually(() => assert.deepEqual(deaf.logLines(5), ['deaf']));
  assert.equal((await deaf.stop({ signal: 'SIGTERM', graceMs: 100 })).signal, 'SIGKILL');
});

test('a lock is held by one process; the lock of a process that is gone is taken over', async () => {
  await using folder = await tempDir('processes');
  await writeFile(
    join(folder.path, 'run.lock'),
    JSON.stringify({ pid: process.pid, startedAt: 'before' }),
  );
  assert.equal(isLocked(folder.path), false);
  {
    using _lock = await lockDataDir(folder.path);
    assert.equal(isLocked(folder.path), true);
    await assert.rejects(lockDataDir(folder.path), { code: 'already_running' });
  }
  assert.equal(isLocked(folder.path), false);
});

test('of two that take over a stale lock at the same time one succeeds', async () => {
  await using folder = await tempDir('processes');
  await writeFile(join(folder.path, 'run.lock'), JSON.stringify({ pid: 1, startedAt: 'before' }));
  const results = await Promise.allSettled([lockDataDir(folder.path), lockDataDir(folder.path)]);
  assert.deepEqual(results.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});

test('a log that grew too large is cut while its writer goes on, and the one before is kept', async () => {
  await using folder = await tempDir('processes');
  const path = join(folder.path, 'a.log');
  await writeFile(path, 'old\n');
  rotateLog(path);
  await writeFile(path, `${'x'.repeat(100)}\nlast\n`);
  assert.equal(await cutLog(path, 1000), false);
  assert.deepEqual(lastLines(path, 1), ['last']);
  assert.equal(await cutLog(path, 10), true);
  assert.equal(await readFile(path, 'utf8'), '');
  assert.match(await readFile(`${path}.1`, 'utf8'), /last\n$/);
});
