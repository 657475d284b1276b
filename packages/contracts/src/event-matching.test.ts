import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTypePattern, compileTypePattern } from './event-matching.ts';

function matches(pattern: string, type: string): boolean {
  assert.equal(checkTypePattern(pattern), undefined, pattern);
  return compileTypePattern(pattern)(type);
}

test('a pattern without a star matches its own name only', () => {
  assert.equal(matches('server.started', 'server.started'), true);
  assert.equal(matches('server.started', 'server.started.x'), false);
  assert.equal(matches('server', 'server.started'), false);
});

test('* alone matches every type but hookline.*', () => {
  assert.equal(matches('*', 'server.started'), true);
  assert.equal(matches('*', 'server.backup.completed'), true);
  assert.equal(matches('*', 'server'), true);
  assert.equal(matches('*', 'hookline.ping'), false);
  assert.equal(matches('*', 'hookliner.ping'), true);
});

test('a final * matches one or more segments', () => {
  assert.equal(matches('server.*', 'server.started'), true);
  assert.equal(matches('server.*', 'server.backup.completed'), true);
  assert.equal(matches('server.*', 'server'), false);
  assert.equal(matches('server.*', 'servers.started'), false);
  assert.equal(matches('server.backup.*', 'server.backup.completed'), true);
  assert.equal(matches('server.backup.*', 'server.started'), false);
  assert.equal(matches('*.*', 'server.started'), true);
  assert.equal(matches('*.*', 'server.backup.completed'), true);
  assert.equal(matches('*.*', 'server'), false);
  assert.equal(matches('*.backup.*', 'server.backup.a.b'), true);
  assert.equal(matches('*.backup.*', 'server.backup'), false);
});

test('any other * matches exactly one segment', () => {
  assert.equal(matches('server.*.completed', 'server.backup.completed'), true);
  assert.equal(matches('server.*.completed', 'server.completed'), false);
  assert.equal(matches('server.*.completed', 'server.a.b.completed'), false);
  assert.equal(matches('*.started', 'server.started'), true);
  assert.equal(matches('*.started', 'started'), false);
  assert.equal(matches('*.*.completed', 'server.backup.completed'), true);
});

test('hookline types need their exact name or hookline.*', () => {
  assert.equal(matches('hookline.ping', 'hookline.ping'), true);
  assert.equal(matches('hookline.*', 'hookline.ping'), true);
  assert.equal(matches('hookline.*', 'hookline.delivery.dead'), true);
  assert.equal(matches('hookline.*', 'server.started'), false);
  assert.equal(matches('*.ping', 'hookline.ping'), false);
  assert.equal(matches('*.*', 'hookline.ping'), false);
});

test('> is refused with the rule', () => {
  for (const pattern of ['>', 'server.>', 'hv.>.x']) {
    const fault = checkTypePattern(pattern) ?? '';
    assert.match(fault, />/);
    assert.match(fault, /one or more segments/);
  }
});

test('what could never match is refused with what would be right', () => {
  const faults: [string, RegExp][] = [
    ['', /empty/],
    ['.', /empty segment/],
    ['server.', /empty segment/],
    ['.server', /empty segment/],
    ['server..started', /empty segment/],
    ['Server.Started', /write "server\.started"/],
    ['server started', /a-z, 0-9 and _/],
    ['server-x.started', /a-z, 0-9 and _/],
    ['server.st*', /mixes/],
    ['**', /mixes/],
    ['server.**', /mixes/],
    ['x'.repeat(129), /129 characters/],
    ['größe', /a-z, 0-9 and _/],
    ['hookline.delivery.*', /hookline\.\*/],
    ['hookline.*.dead', /hookline\.\*/],
    ['Größe', /a-z, 0-9 and _$/],
    [' ', /a-z, 0-9 and _/],
  ];
  for (const [pattern, expected] of faults) {
    assert.match(checkTypePattern(pattern) ?? 'no fault', expected, pattern);
  }
});

test('a long pattern of stars is matched without backtracking', () => {
  const pattern = `${'*.'.repeat(60)}*`;
  assert.equal(matches(pattern, `${'a.'.repeat(59)}a`), false);
  assert.equal(matches(pattern, `${'a.'.repeat(60)}a`), true);
});
