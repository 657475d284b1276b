import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml, fit, oneLine } from './text.ts';

test('a text that fits stays, and one that does not ends in an ellipsis within the limit', () => {
  assert.equal(fit('short', 5), 'short');
  assert.equal(fit('longer', 5), 'long…');
  assert.equal(fit('ab cdef', 4), 'ab…');
  assert.equal(fit('', 5), '');
});

test('a cut is never within a character, however many units or code points it has', () => {
  const family = '👩‍👩‍👧‍👦';
  for (const piece of [family, 'e\u0301', '🇦🇹', '😀', '각']) {
    for (let max = 1; max < piece.length * 3; max += 1) {
      const cut = fit(piece.repeat(10), max);
      assert.ok(cut.length <= max, `${piece} ${max}`);
      assert.match(cut, new RegExp(`^(${piece})*…$`));
    }
  }
  assert.equal(fit(`${'e'}${'\u0301'.repeat(500)}`, 100), '…');
});

test('a cut is never within an escape, and the limit holds for the escaped text', () => {
  for (let max = 1; max < 30; max += 1) {
    const cut = fit('<<<<<<<<', max, escapeHtml);
    assert.ok(cut.length <= max);
    assert.match(cut, /^(&lt;)*…?$/);
  }
  assert.equal(fit('<', 3, escapeHtml), '…');
  assert.equal(fit('<', 4, escapeHtml), '&lt;');
});

test('a megabyte is cut as quickly as a line', () => {
  const started = performance.now();
  for (const text of ['x'.repeat(1e6), '👩‍👩‍👧‍👦'.repeat(1e5), ' '.repeat(1e6)]) {
    assert.ok(fit(oneLine(text), 100).length <= 100);
  }
  assert.ok(performance.now() - started < 2000);
});

test('foreign text is brought onto one line, without what hides or turns it', () => {
  assert.equal(oneLine(' a\r\n\tb\u0000\u2028c '), 'a b c');
  assert.equal(oneLine('web\u202egpj.exe\u2066\ufeff\u200b'), 'webgpj.exe');
  assert.equal(oneLine('\ud800x'), '\ufffdx');
  assert.equal(oneLine('👩‍👧 ok'), '👩‍👧 ok', 'joiners of emoji stay');
});
