/**
 * What the benchmark compares with, a process of its own: signs and sends the same request over and
 * over with undici, a fixed number at a time, and keeps no record of anything.
 */
import { newId } from '@hookline/contracts';
import { signStandardWebhook } from '@hookline/webhook-signature';
import { Pool } from 'undici';
import type { RawLoopCommand, RawLoopReport } from './messages.ts';

async function post(command: RawLoopCommand): Promise<RawLoopReport> {
  const { body, secret, concurrency, durationMs } = command;
  const url = new URL(command.url);
  const pool = new Pool(url.origin, { connections: concurrency, pipelining: 1 });
  const startedAt = performance.now();
  const endsAt = startedAt + durationMs;
  let count = 0;

  const postInTurn = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const id = newId('dlv');
      const timestampSeconds = Math.floor(Date.now() / 1000);
      const answer = await pool.request({
        path: url.pathname,
        method: 'POST',
        headers: {
          ...command.headers,
          'webhook-id': id,
          'webhook-timestamp': String(timestampSeconds),
          'webhook-signature': signStandardWebhook({
            id,
            timestampSeconds,
            body,
            secrets: [secret],
          }),
        },
        body,
      });
      await answer.body.dump();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, postInTurn));
  const elapsedMs = performance.now() - startedAt;
  await pool.close();
  return { kind: 'posted', count, elapsedMs };
}

process.on('message', (command: RawLoopCommand) => {
  void post(command).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());
