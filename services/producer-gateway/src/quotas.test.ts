import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DomainError } from '@hookline/contracts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { createQuotas } from './quotas.ts';

function quotasOf(eventsPerSecondDefault?: number) {
  const clock = { nowMs: 0 };
  const tenants = new Map<string, number | undefined>();
  const throttled: string[] = [];
  const quotas = createQuotas({
    directory: {
      get(name) {
        if (!tenants.has(name)) return undefined;
        const eventsPerSecond = tenants.get(name);
        return { name, eventsPerSecond, strict: false, customTypes: new Set<string>() };
      },
    },
    eventsPerSecondDefault,
    metrics: { throttled: (what: string) => void throttled.push(what) } as GatewayMetrics,
    now: () => clock.nowMs,
  });
  return { quotas, clock, tenants, throttled };
}

describe('quotas of tenants', () => {
  test('without one there is no limit', () => {
    const { quotas } = quotasOf();
    assert.equal(quotas.available('a'), Number.POSITIVE_INFINITY);
    assert.equal(quotas.burst('a'), Number.POSITIVE_INFINITY);
    quotas.admit('a', 1_000_000);
  });

  test('a tenant’s own counts before the default, and one tenant’s is nothing to another', () => {
    const { quotas, tenants } = quotasOf(5);
    tenants.set('own', 50);
    quotas.take('own', 100);
    assert.equal(quotas.available('own'), 0);
    assert.equal(quotas.available('other'), 10);
  });

  test('a request over it is refused with the time until there is room', () => {
    const { quotas, clock, throttled } = quotasOf(2);
    quotas.admit('a', 4);
    assert.throws(
      () => quotas.admit('a', 1),
      (error) => {
        assert.ok(error instanceof DomainError);
        assert.equal(error.code, 'resource_exhausted');
        assert.equal(error.retryAfterMs, 500);
        return true;
      },
    );
    assert.deepEqual(throttled, ['requests']);
    clock.nowMs = 500;
    quotas.admit('a', 1);
  });

  test('a changed one counts at once, with a full bucket; a lifted one is gone', () => {
    const { quotas, tenants } = quotasOf();
    tenants.set('a', 1);
    quotas.take('a', 2);
    assert.equal(quotas.waitMs('a'), 1_000);
    tenants.set('a', 10);
    assert.equal(quotas.available('a'), 20);
    tenants.set('a', undefined);
    assert.equal(quotas.waitMs('a'), 0);
  });
});
