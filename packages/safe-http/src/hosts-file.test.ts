import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHosts } from './hosts-file.ts';

test('a hosts file gives each name all its addresses, without comments', () => {
  const names = parseHosts(
    '# header\n127.0.0.1 localhost Box\n::1\tlocalhost # ::2 other\n\n10.0.0.1 a a\n10.0.0.2 A\n',
  );
  assert.deepEqual(names.get('localhost'), ['127.0.0.1', '::1']);
  assert.deepEqual(names.get('box'), ['127.0.0.1']);
  assert.deepEqual(names.get('a'), ['10.0.0.1', '10.0.0.2']);
  assert.equal(names.get('other'), undefined);
});
