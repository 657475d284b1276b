import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { stopOnSignals } from './stop-signals.ts';

function fixture() {
  const source = new EventEmitter();
  const heard: string[] = [];
  const clock = { now: 0 };
  const signals = stopOnSignals(
    source as never,
    { stop: (reason) => void heard.push(`stop ${reason}`), kill: () => void heard.push('kill') },
    () => clock.now,
  );
  return { source, heard, clock, signals };
}

test('one Ctrl-C that arrives twice, from the terminal and the package manager, is one soft stop', () => {
  const { source, heard, clock } = fixture();
  source.emit('SIGINT');
  clock.now = 100;
  source.emit('SIGINT');
  assert.deepEqual(heard, ['stop SIGINT']);
});

test('a second Ctrl-C is a hard stop', () => {
  const { source, heard, clock } = fixture();
  source.emit('SIGINT');
  clock.now = 900;
  source.emit('SIGINT');
  assert.deepEqual(heard, ['stop SIGINT', 'kill']);
});

test('a terminal that closes during a stop does not make it a hard one', () => {
  const { source, heard, clock, signals } = fixture();
  signals.stop('the command that started it has ended');
  clock.now = 900;
  source.emit('SIGHUP');
  assert.deepEqual(heard, ['stop the command that started it has ended']);
});

test('after its disposal signals are no longer heard', () => {
  const { source, heard, signals } = fixture();
  signals[Symbol.dispose]();
  source.emit('SIGTERM');
  assert.deepEqual(heard, []);
});
