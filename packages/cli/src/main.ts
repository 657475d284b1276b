#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { runCli } from './run-cli.ts';
import { commandGroups } from './table.ts';

// What a command loads is compiled once, not at each call.
enableCompileCache(resolve(import.meta.dirname, '../../../node_modules/.cache/node'));

/** A terminal sends Ctrl-C to every process in front, and pnpm passes on what it gets: those are one. */
const SAME_SIGNAL_MS = 500;

// A reader that went away (`| head`) is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

const interruption = new AbortController();
let interruptedAt: number | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interruption.abort();
    interruptedAt ??= performance.now();
    // Whoever asks again will not wait.
    if (performance.now() - interruptedAt > SAME_SIGNAL_MS) process.exit(130);
  });
}

process.exitCode = await runCli({
  groups: commandGroups,
  argv: process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  signal: interruption.signal,
});
