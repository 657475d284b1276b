import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { durableName, isFormerDurable, laneFilter, STRAYS } from './lane-name.ts';

const place = { layout: 3n, shard: 'shard-a', epoch: 7n };

describe('durables of lanes', () => {
  test('carry layout, shard, epoch and tenant, within what NATS takes as a name', () => {
    assert.equal(durableName(place, 'tenant-1'), 'gateway_3_shard-a_7_tenant-1');
    const longest = durableName(
      { layout: 2n ** 63n, shard: 's'.repeat(40), epoch: 2n ** 63n },
      't'.repeat(40),
    );
    assert.ok(longest.length <= 130, `${longest.length}`);
    for (const odd of ['A b', 'é', '/etc', STRAYS, '$x', 'x'.repeat(500)]) {
      assert.match(durableName(place, odd), /^gateway_3_shard-a_7__[0-9a-f]{32}$/);
    }
  });

  test('read one tenant each, and what has no host', () => {
    assert.equal(laneFilter('tenant-1'), 'hv.tenant-1.>');
    assert.equal(laneFilter(STRAYS), 'hv.*');
  });

  test('of an older epoch or layout are former ones, of a later never', () => {
    const former = (durable: string) => isFormerDurable(durable, place, false);
    assert.equal(former('gateway_3_shard-a_6_t'), true);
    assert.equal(former('gateway_2_all_90_t'), true);
    assert.equal(former('gateway_3_shard-a_7_t'), false);
    assert.equal(former('gateway_3_shard-a_8_t'), false);
    assert.equal(former('gateway_4_shard-a_1_t'), false);
    assert.equal(former('gateway_3_all_1_t'), false);
    assert.equal(former('gateway-12'), true);
    assert.equal(former('gateway'), true);
    assert.equal(former('somebody-elses'), false);
  });

  test('at the start all others of the shard are, since numbers begin anew with an empty database', () => {
    const former = (durable: string) => isFormerDurable(durable, place, true);
    assert.equal(former('gateway_3_shard-a_90_t'), true);
    assert.equal(former('gateway_9_all_1_t'), true);
    assert.equal(former('gateway_3_shard-a_7_t'), false);
    assert.equal(former('gateway_3_all_90_t'), false);
  });
});
