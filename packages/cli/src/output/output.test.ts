import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutput } from './output.ts';
import { jsonText, printable } from './printable.ts';
import { progressText } from './progress-bar.ts';
import { tableLines } from './table.ts';

function sink(isTTY: boolean) {
  let text = '';
  return {
    isTTY,
    columns: 40,
    write(more: string) {
      text += more;
    },
    text: () => text,
  };
}

function outputOf({ isTTY = true, isJson = false, env = {} } = {}) {
  const [stdout, stderr] = [sink(isTTY), sink(isTTY)];
  return { output: createOutput({ stdout, stderr, isJson, env }), stdout, stderr };
}

test('colours are for terminals, unless NO_COLOR is set or JSON is asked for', () => {
  const coloured = (given: Parameters<typeof outputOf>[0]) =>
    outputOf(given).output.colour('red', 'x') !== 'x';
  assert.equal(coloured({}), true);
  assert.equal(coloured({ isTTY: false }), false);
  assert.equal(coloured({ env: { NO_COLOR: '1' } }), false);
  assert.equal(coloured({ env: { NO_COLOR: '' } }), true);
  assert.equal(coloured({ env: { TERM: 'dumb' } }), false);
  assert.equal(coloured({ isJson: true }), false);
});

test('a status is written over on a terminal, and is nothing elsewhere', () => {
  const { output, stdout, stderr } = outputOf();
  output.status('half');
  output.line('done');
  assert.equal(stderr.text(), '\r\u001b[Khalf\r\u001b[K');
  assert.equal(stdout.text(), 'done\n');
  const elsewhere = outputOf({ isTTY: false });
  elsewhere.output.status('half');
  assert.equal(elsewhere.stderr.text(), '');
});

test('with JSON nothing but JSON is on the standard output', () => {
  const { output, stdout, stderr } = outputOf({ isJson: true });
  output.line('for people');
  output.fields([['a', 'b']]);
  output.note('a note');
  output.json({ a: 1 });
  assert.deepEqual(JSON.parse(stdout.text()), { a: 1 });
  assert.equal(stderr.text(), 'a note\n');
});

test('text of others cannot move the cursor or hide itself', () => {
  assert.equal(printable('a\u001b[2J\u009bb\u202ec\n'), 'a\\u001b[2J\\u009bb\\u202ec\\u000a');
  assert.deepEqual(JSON.parse(jsonText('\u009b\u202e\u{e0001}é')), '\u009b\u202e\u{e0001}é');
  assert.doesNotMatch(jsonText('\u009b\u202e\u{e0001}'), /[\u0080-\u{10ffff}]/u);
});

test('a table keeps its columns, and cuts what may be cut when the terminal is narrow', () => {
  const columns = [
    { title: 'ID', text: (row: string[]) => row[0] ?? '' },
    { title: 'N', text: (row: string[]) => row[1] ?? '', align: 'right' as const },
    { title: 'URL', text: (row: string[]) => row[2] ?? '', canShrink: true as const },
  ];
  const rows = [
    ['a', '10', 'https://one.example/hooks'],
    ['bcd', '5', '服务器'],
  ];
  const dim = (text: string) => text;
  assert.deepEqual(tableLines(columns, rows, { width: undefined, dim }), [
    'ID    N  URL',
    'a    10  https://one.example/hooks',
    'bcd   5  服务器',
  ]);
  const narrow = tableLines(columns, rows, { width: 24, dim });
  assert.equal(narrow[1], 'a    10  https://one.ex…');
});

test('a progress bar shows a share of an estimate, even of none', () => {
  const text = (done: number, total: number) =>
    progressText({ what: 'rpl', done, total, remark: '' });
  assert.match(text(0, 0), /░{24} {2}0% {2}0\/0/);
  assert.match(text(1, 2), /█{12}░{12} 50% {2}1\/2/);
  assert.match(text(3, 2), /█{24}100%/);
});
