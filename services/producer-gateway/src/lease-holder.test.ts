import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { formatHolder, isGone, newHolder, processExists } from './lease-holder.ts';

const self = { host: 'node:a', pid: 7, start: 'second', gateway: 1 };
const none = () => false;
const every = () => true;

describe('the holder of a lease', () => {
  test('is gone when this host has no such process', () => {
    const dead = formatHolder({ ...self, pid: 6, start: 'first' });
    assert.equal(isGone(dead, self, none), true);
    assert.equal(isGone(dead, self, every), false);
  });

  test('is gone when its process id is now our own', () => {
    assert.equal(isGone(formatHolder({ ...self, start: 'first' }), self, every), true);
  });

  test('is not known to be gone when it is this very process, on another host, or no process', () => {
    assert.equal(isGone(formatHolder(self), self, none), false);
    assert.equal(isGone(formatHolder({ ...self, gateway: 2 }), self, none), false);
    assert.equal(isGone('node:b:6:first:1', self, none), false);
    for (const text of [
      '',
      'thief',
      'node:a:0:first',
      'node:a:-6:first',
      'node:a:6',
      'node:a:x:first',
    ]) {
      assert.equal(isGone(text, self, none), false, text);
    }
  });

  test('a process exists until it has ended, whoever may signal it', () => {
    assert.equal(processExists(process.pid), true);
    assert.equal(processExists(1), true);
    assert.equal(processExists(spawnSync(process.execPath, ['--version']).pid), false);
    assert.equal(isGone(formatHolder(newHolder()), newHolder(), processExists), false);
  });
});
