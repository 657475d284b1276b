import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { commandGroups } from '../table.ts';
import { completionScript } from './completion-scripts.ts';

const bash = completionScript('bash', commandGroups);

/** What bash offers for a command line whose last word is being typed. */
function offered(...words: string[]): string[] {
  const program = `${bash}
COMP_WORDS=(hookline "$@"); COMP_CWORD=$#; _hookline; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', program, 'bash', ...words], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout.split('\n').filter((line) => line !== '');
}

test('bash completes commands, flags and values', () => {
  assert.deepEqual(offered('sub'), ['subscriptions']);
  assert.deepEqual(offered('events', ''), ['publish', 'list', 'get', 'tail']);
  assert.deepEqual(offered('events', 'list', '--pag'), ['--page-token']);
  assert.deepEqual(offered('deliveries', 'list', '--state', 's'), ['scheduled', 'succeeded']);
  assert.deepEqual(offered('deliveries', 'list', '--state', 'dead', '--out'), ['--outcome']);
  assert.deepEqual(offered('completion', 'f'), ['fish']);
  assert.deepEqual(offered('audit', '--act'), ['--actor', '--action']);
  assert.deepEqual(offered('events', 'list', '--subject', ''), [], 'anything may follow');
  assert.ok(offered('events', 'publish', '--data-file', '/etc/host').includes('/etc/hosts'));
});

for (const shell of ['zsh', 'fish'] as const) {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0;
  test(`${shell} takes the script`, { skip: isThere ? false : `${shell} is not installed` }, () => {
    const input = completionScript(shell, commandGroups);
    const { status, stderr } = spawnSync(shell, ['-n'], { input, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });
}

test('every script names every command and flag', () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const script = completionScript(shell, commandGroups);
    for (const { spec } of commandGroups.flatMap(({ commands }) => commands)) {
      for (const name of Object.keys(spec.options)) {
        assert.ok(
          script.includes(
            shell === 'fish' ? `'__hookline_in ${spec.name}' -l ${name}` : `--${name}`,
          ),
          `${shell}: ${spec.name} --${name}`,
        );
      }
    }
  }
});
