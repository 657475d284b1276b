import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ancestor, launcherPids } from './launchers.ts';

function chain(...commands: string[]): readonly number[] {
  const ancestors = commands.map((command, index) => ({
    pid: 100 + index,
    parent: 101 + index,
    command,
  }));
  return launcherPids(100, (pid): Ancestor | undefined => ancestors[pid - 100]);
}

test('npx, pnpm and the shells between launched us; the shell it was typed into did not', () => {
  const pids = chain(
    'sh -c node packages/local-stack/src/commands/start.ts',
    'node /root/.npm/_npx/1/node_modules/.bin/pnpm start',
    'sh -c pnpm start',
    'npm exec pnpm start',
    '-bash',
  );
  assert.deepEqual(pids, [100, 101, 102, 103]);
});

test('a shell outside the outermost package manager is not counted: nohup in a script works', () => {
  assert.deepEqual(
    chain('sh -c node start.ts', 'pnpm start', 'bash -c nohup pnpm start &'),
    [100, 101],
  );
});

test('started by node directly, nobody launched us', () => {
  assert.deepEqual(chain('-zsh'), []);
  assert.deepEqual(chain('sh -c node start.ts', 'python3 runner.py'), []);
});
