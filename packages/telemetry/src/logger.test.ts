import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInTrace } from './active-trace.ts';
import { createLogger } from './logger.ts';
import { newTraceparent } from './trace-context.ts';

function collect(level?: 'info' | 'debug') {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'dispatcher', destination, ...(level && { level }) });
  return { logger, lines };
}

const apiKey = `hk_${'a'.repeat(43)}`;

test('a line is one JSON object with service, level by name, time and message', () => {
  const { logger, lines } = collect();
  logger.info({ attempt: 3n }, 'sent');
  assert.equal(lines.length, 1);
  const { level, time, service, msg, attempt } = lines[0] ?? {};
  assert.deepEqual(
    { level, service, msg, attempt },
    { level: 'info', service: 'dispatcher', msg: 'sent', attempt: '3' },
  );
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
});

test('values of redacted keys never reach a line, at any depth, in any spelling', () => {
  const { logger, lines } = collect();
  logger.info({
    Authorization: 'x-hidden',
    request: { headers: { 'Set-Cookie': 'x-hidden', host: 'shown' } },
    list: [{ masterKey: 'x-hidden', api_key: 'x-hidden', secret: { inner: 'x-hidden' } }],
  });
  logger.child({ token: 'x-hidden' }).info('child');
  const text = JSON.stringify(lines);
  assert.doesNotMatch(text, /x-hidden/);
  assert.match(text, /shown/);
});

test('what is shaped like a secret is masked in any text, errors included', () => {
  const { logger, lines } = collect();
  const cause = new Error('connect postgres://hookline:x-hidden@localhost/db');
  logger.error(new Error(`refused ${apiKey} and whsec_eC1oaWRkZW4=`, { cause }));
  logger.error({ err: Object.assign(cause, { password: 'x-hidden' }) }, `Bearer ${apiKey}`);
  logger.info('key %s', apiKey);
  const text = JSON.stringify(lines);
  assert.doesNotMatch(text, /x-hidden|aaaaaaaa|eC1oaWRkZW4/);
  assert.match(text, /postgres:\/\/hookline:\[redacted\]@localhost/);
  assert.match(text, /"stack":"Error: refused/);
});

test('lines below the level are not written', () => {
  const { logger, lines } = collect();
  logger.debug('hidden');
  assert.equal(lines.length, 0);
});

test('lines within a trace carry its ids, also after it was waited for something', async () => {
  const { logger, lines } = collect();
  const traceContext = newTraceparent();
  await runInTrace(traceContext, async () => {
    await Promise.resolve();
    logger.info('within');
  });
  logger.info('after');
  assert.equal(lines[0]?.trace_id, traceContext.traceId);
  assert.equal(lines[0]?.span_id, traceContext.spanId);
  assert.equal(lines[1]?.trace_id, undefined);
});
