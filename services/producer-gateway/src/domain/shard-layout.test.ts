import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatShardLayout, parseShardLayout, shardOf } from './shard-layout.ts';

describe('the layout of shards', () => {
  test('lists tenants by shard; all others are of the shard all', () => {
    const layout = parseShardLayout('a=tenant-1, tenant-2; b=tenant-3');
    assert.ok(layout);
    assert.deepEqual(
      ['tenant-1', 'tenant-2', 'tenant-3', 'tenant-4', '*'].map((name) => shardOf(layout, name)),
      ['a', 'a', 'b', 'all', 'all'],
    );
  });

  test('has one spelling', () => {
    const spelt = (text: string) => formatShardLayout(parseShardLayout(text) ?? new Map());
    assert.equal(spelt(' b = t3 ; a = t2,t1 '), 'a=t1,t2;b=t3');
    assert.equal(spelt(spelt('b=t3;a=t2,t1')), 'a=t1,t2;b=t3');
    assert.equal(spelt('none'), '');
    assert.equal(spelt(''), '');
  });

  test('is refused when it is not sound', () => {
    for (const text of [
      ...['a', 'a=', '=t', 'a=t;', 'a=t;;b=u', 'a=t=u', 'a=t,,u', 'A=t', 'a=T', 'a_b=t', 'all=t'],
      ...['a=t;a=u', 'a=t;b=t', 'a=t,t', `${'x'.repeat(41)}=t`, `a=${'t'.repeat(41)}`],
      Array.from({ length: 65 }, (_, n) => `s${n}=t${n}`).join(';'),
    ]) {
      assert.equal(parseShardLayout(text), undefined, text);
    }
  });
});
