import assert from 'node:assert/strict';
import { eventually } from '@hookline/testing';
import type { TestStack } from '../support/stack.ts';

/** The rows of a list of REST. */
export async function listed(stack: TestStack, path: string): Promise<Record<string, unknown>[]> {
  const response = await stack.rest(path);
  const body = (await response.json()) as { data?: Record<string, unknown>[] };
  assert.ok(body.data, `${path}: ${response.status} ${JSON.stringify(body)}`);
  return body.data;
}

export async function post(stack: TestStack, path: string, body: unknown = {}) {
  const response = await stack.rest(path, { method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) as Record<string, unknown> };
}

/**
 * Waits until so many deliveries of a webhook wait after their n-th attempt, and answers how long, in
 * seconds from the end of the attempt; then makes them due now, as if that time had passed.
 */
export async function passTime(
  stack: TestStack,
  wait: { readonly webhookId: string; readonly attempt: number; readonly deliveries: number },
): Promise<number[]> {
  const { webhookId, attempt, deliveries } = wait;
  const waiting = await eventually(
    async () => {
      const { rows } = await stack.query(
        `SELECT extract(epoch FROM s.due_at - a.started_at - make_interval(secs => a.duration_ms / 1000))::float8
           AS seconds
         FROM hookline.schedule s JOIN hookline.attempt_log a USING (delivery_id)
         WHERE s.subscription_id = $1 AND s.claimed_by IS NULL AND s.attempts_count = $2 AND a.number = $2`,
        [webhookId, attempt],
      );
      assert.equal(rows.length, deliveries);
      return rows.map(({ seconds }) => seconds as number);
    },
    { timeoutMs: 30_000 },
  );
  await stack.query('UPDATE hookline.schedule SET due_at = now() WHERE subscription_id = $1', [
    webhookId,
  ]);
  await stack.query('UPDATE hookline.backlog SET next_due_at = now() WHERE subscription_id = $1', [
    webhookId,
  ]);
  return waiting;
}
