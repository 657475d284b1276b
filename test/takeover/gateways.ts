import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { findFreePortOffset, stackPorts } from '@hookline/local-stack';
import { eventually } from '@hookline/testing';
import type { TestStack } from '../support/stack.ts';

/** A gateway beside the stack's own: it stands by for INGEST, and serves HTTP on a port of its own. */
export interface FurtherGateway extends AsyncDisposable {
  readonly pid: number;
  /** URL of ingest over HTTP. */
  readonly ingest: string;
}

const SCRIPT = resolve(import.meta.dirname, '../../services/producer-gateway/src/main.ts');
const READY = { timeoutMs: 60_000, intervalMs: 50 };
/** As `npx pnpm test` has it: what one process has compiled the next one reads. */
const COMPILE_CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/node');

const STARTS_MAX = 3;

/**
 * Starts one on the stack's PostgreSQL and NATS, and waits until it is ready. Several that start at once
 * may look for free ports at once: one that ends is started again on others.
 */
export async function startFurtherGateway(stack: TestStack): Promise<FurtherGateway> {
  for (let start = 1; ; start += 1) {
    const gateway = await startOnce(stack);
    if (gateway !== undefined) return gateway;
    assert.ok(start < STARTS_MAX, `a gateway ended ${start} times before it was ready`);
  }
}

/** Undefined when it ends before it is ready. */
async function startOnce(stack: TestStack): Promise<FurtherGateway | undefined> {
  const offset = await findFreePortOffset();
  const { ingest, producerGatewayHealth } = stackPorts(offset);
  const child = spawn(process.execPath, [SCRIPT], {
    env: {
      ...process.env,
      HOOKLINE_DATA_DIR: stack.dataDir,
      HOOKLINE_PORT_OFFSET: String(offset),
      HOOKLINE_POSTGRES_URL: stack.endpoints.postgres,
      HOOKLINE_NATS_URL: stack.endpoints.nats,
      HOOKLINE_NATS_CREDS: join(stack.dataDir, 'nats', 'services.creds'),
      HOOKLINE_LOG_LEVEL: 'error',
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? COMPILE_CACHE,
      NODE_TEST_CONTEXT: undefined,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit').then(() => undefined);
  const stop = async () => {
    // SIGKILL ends a paused process too.
    child.kill('SIGKILL');
    await exited;
  };
  const ready = eventually(async () => {
    const answer = await fetch(`http://127.0.0.1:${producerGatewayHealth}/readyz`);
    assert.equal(answer.status, 200);
    return true;
  }, READY);
  ready.catch(() => {});
  try {
    if ((await Promise.race([ready, exited])) === undefined) return undefined;
  } catch (error) {
    await stop();
    throw error;
  }
  const pid = child.pid as number;
  return { pid, ingest: `http://127.0.0.1:${ingest}`, [Symbol.asyncDispose]: stop };
}

/** The gateway that holds the lease of INGEST; its epoch grows with every change. */
export async function currentReader(stack: TestStack): Promise<{ pid: number; epoch: number }> {
  const { rows } = await stack.query(
    "SELECT split_part(holder, ':', 2)::int AS pid, epoch::int AS epoch FROM hookline.lease WHERE name = 'ingest:all'",
  );
  const [reader] = rows;
  assert.ok(reader, 'a gateway reads INGEST');
  return reader as { pid: number; epoch: number };
}

/** Resolves when another gateway has taken the lease over, with how long that took. */
export async function untilTakenOver(stack: TestStack, epoch: number): Promise<number> {
  const startedAt = performance.now();
  await eventually(async () => assert.ok((await currentReader(stack)).epoch > epoch), {
    timeoutMs: 10_000,
    intervalMs: 20,
  });
  return performance.now() - startedAt;
}

/** Ends the reader as a power switch would, and waits until another gateway reads. */
export async function killReader(stack: TestStack): Promise<number> {
  const { pid, epoch } = await currentReader(stack);
  process.kill(pid, 'SIGKILL');
  return await untilTakenOver(stack, epoch);
}

/**
 * Pauses the reader in the middle of whatever it does, until its lease has run out and another gateway
 * has been reading for a while; then lets it go on, as though nothing had been.
 *
 * The lease is made to run out at once. Its 15 s would pass without anything happening.
 */
export async function pauseReader(
  stack: TestStack,
  until: () => Promise<unknown>,
): Promise<number> {
  const { pid, epoch } = await currentReader(stack);
  process.kill(pid, 'SIGSTOP');
  try {
    await stack.query("UPDATE hookline.lease SET expires_at = now() WHERE name = 'ingest:all'");
    const tookMs = await untilTakenOver(stack, epoch);
    await until();
    return tookMs;
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}
