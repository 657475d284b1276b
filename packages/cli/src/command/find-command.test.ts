import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandGroups } from '../table.ts';
import { findCommand } from './find-command.ts';

const find = (...argv: string[]) => findCommand(commandGroups, argv);

function asked(...argv: string[]): string {
  const found = find(...argv);
  if (found.kind === 'command') return `run ${found.command.spec.name} ${found.args.join(' ')}`;
  return `help ${found.command?.spec.name ?? found.group?.name ?? ''}`;
}

test('help is there at every level, wherever the flag stands', () => {
  assert.equal(asked(), 'help ');
  assert.equal(asked('--help'), 'help ');
  assert.equal(asked('help'), 'help ');
  assert.equal(asked('events', '--help'), 'help events');
  assert.equal(asked('help', 'events', 'list'), 'help events list');
  assert.equal(asked('events', 'list', '-h'), 'help events list');
  assert.equal(asked('audit', '--limit', '3', '--help'), 'help audit');
});

test('a command gets what follows its words, the word help included', () => {
  assert.equal(asked('events', 'get', 'evt_1', '--json'), 'run events get evt_1 --json');
  assert.equal(asked('audit', '--json'), 'run audit --json');
  assert.equal(asked('listen', '3000'), 'run listen 3000');
  assert.equal(
    asked('dead-letters', 'discard', '--reason', 'help'),
    'run dead-letters discard --reason help',
  );
});

test('an unknown command is answered with what was meant, or what there is', () => {
  assert.throws(() => find('evnets'), {
    message: 'there is no command "evnets"; did you mean events?',
  });
  assert.throws(() => find('events', 'pubish'), {
    message: 'events has no command "pubish"; did you mean publish?',
  });
  assert.throws(() => find('events', 'x'), {
    message: 'events has no command "x"; there are publish, list, get, tail',
  });
  assert.throws(() => find('events'), { message: /^events needs a command: publish, list/ });
  assert.throws(() => find('--json'), { message: /a command is missing/ });
});
