import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@hookline/telemetry';
import type { DecidedAttempt } from './domain/dispatch-record.ts';
import { logAttempt } from './log-attempt.ts';

const attempted = {
  attempt: {
    attemptId: 'att_1',
    delivery: {
      id: 'dlv_1',
      entry: { event: { id: 'evt_1', type: 'server.started', tenant: 'default' } },
      subscription: { id: 'sub_1' },
    },
    number: 2,
    startedAt: new Date(0),
    result: { outcome: 'http_error', httpStatus: 500, error: 'answered 500', durationMs: 12.345 },
    traceId: '1'.repeat(32),
    url: 'https://hooks.example.com/services/T0/hidden-token?key=hidden',
  },
  decision: { kind: 'retry', dueAt: new Date('2025-01-15T10:30:00Z') },
} as unknown as DecidedAttempt;

function logged(level: 'info' | 'warn'): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  logAttempt(createLogger({ service: 'dispatcher', level, destination }), attempted);
  return lines;
}

test('P3 an attempt is one line with every id, the outcome and what follows, and without a credential', () => {
  const [line, ...others] = logged('info');
  assert.deepEqual(others, []);
  const { trace_id, delivery_id, event_id, attempt, outcome, decision } = line ?? {};
  assert.deepEqual(
    { trace_id, delivery_id, event_id, attempt, outcome, decision },
    {
      ...{ trace_id: '1'.repeat(32), delivery_id: 'dlv_1', event_id: 'evt_1', attempt: 2 },
      ...{ outcome: 'http_error', decision: 'retry' },
    },
  );
  assert.equal(line?.next_attempt_at, '2025-01-15T10:30:00.000Z');
  assert.equal(line?.host, 'hooks.example.com');
  assert.match(String(line?.span_id), /^[0-9a-f]{16}$/);
  assert.doesNotMatch(JSON.stringify(line), /hidden/);
});

test('below its level it costs no line', () => {
  assert.deepEqual(logged('warn'), []);
});
