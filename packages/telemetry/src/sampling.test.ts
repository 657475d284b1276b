import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SamplerName } from './otel-variables.ts';
import { createSampling } from './sampling.ts';
import { newTraceparent } from './trace-context.ts';

const ids = Array.from({ length: 4_000 }, () => newTraceparent().traceId);

test('a ratio takes that share of traces, and every process takes the same ones', () => {
  const here = createSampling({ sampler: 'parentbased_traceidratio', ratio: 0.05 });
  const there = createSampling({ sampler: 'traceidratio', ratio: 0.05 });
  const taken = ids.filter((id) => here(id, undefined));
  // Five standard deviations around 200.
  assert.ok(taken.length > 130 && taken.length < 270, String(taken.length));
  assert.ok(ids.every((id) => here(id, undefined) === there(id, undefined)));
});

test('parent based samplers believe the flag, the others do not look at it', () => {
  const [id = ''] = ids;
  const asked = (sampler: SamplerName, flag: boolean | undefined) =>
    createSampling({ sampler, ratio: 0 })(id, flag);
  const rows: readonly (readonly [SamplerName, boolean, boolean, boolean])[] = [
    ['always_on', true, true, true],
    ['always_off', false, false, false],
    ['traceidratio', false, false, false],
    ['parentbased_always_on', true, false, true],
    ['parentbased_always_off', true, false, false],
    ['parentbased_traceidratio', true, false, false],
  ];
  for (const [sampler, flagged, unflagged, root] of rows) {
    assert.deepEqual(
      [asked(sampler, true), asked(sampler, false), asked(sampler, undefined)],
      [flagged, unflagged, root],
      sampler,
    );
  }
});
