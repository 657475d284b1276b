/**
 * Brings docker-compose.yml up from nothing on a real engine and tries it end to end:
 * `npx pnpm test:compose`. Everything that it made is gone afterwards.
 */

import { stackPorts } from '@hookline/local-stack';
import { isPortFree } from '@hookline/local-stack/servers';
import { tempDir } from '@hookline/testing';
import { Interrupted, listenForInterruption } from '../demo/interruption.ts';
import { type Engine, runningEngine, startEngine } from './engine.ts';
import { fetchImages, readBaseImages } from './images.ts';
import {
  crashedTogether,
  killedOneByOne,
  nobodyIsRoot,
  oneWebhookIsVerified,
  prometheusReads,
} from './scenario.ts';
import { createStack } from './stack.ts';
import { makeStandIns } from './stand-ins.ts';
import { findTools } from './tools.ts';

const HELP = `npx pnpm test:compose

Brings docker-compose.yml up from nothing on a Docker engine, tries it end to end,
and takes everything down again. Uses the engine that runs, if it has or can fetch the
images. As root it otherwise starts one of its own, and installs Docker and Compose
first on a Debian or Ubuntu without them; where no image registry can be reached, it
makes images from Debian's packages in their place, and says so.

Exit code 0: everything is as it should be.`;

const CORE = [
  ...['postgres', 'nats', 'producer-gateway', 'subscription-service', 'dispatcher'],
  ...['dead-letter-monitor', 'console', 'demo-receiver', 'demo-agent'],
];
const BUILD_TIMEOUT_MS = 900_000;
const PORTS_BESIDE = [3000, 8025, 9000, 9090, 16686];

process.exitCode = await main();

async function main(): Promise<number> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    console.log(HELP);
    return 0;
  }
  const startedAt = performance.now();
  using interruption = listenForInterruption(() => process.exit(130));
  try {
    await testCompose(interruption.signal);
    console.log(`passed in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    return 0;
  } catch (error) {
    const reasons = reasonsOf(error);
    if (reasons.some((reason) => reason instanceof Interrupted)) return 130;
    for (const reason of reasons) console.error(`\nfailed: ${(reason as Error).message}`);
    return 1;
  }
}

/** What went wrong, the first first: taking things down afterwards can fail as well. */
function reasonsOf(error: unknown): readonly unknown[] {
  if (!(error instanceof SuppressedError)) return [error];
  return [...reasonsOf(error.suppressed), ...reasonsOf(error.error)];
}

async function testCompose(signal: AbortSignal): Promise<void> {
  const compose = await findTools(signal);
  const address = await freeAddress();
  await using folder = await tempDir('compose');
  await using resources = new AsyncDisposableStack();
  const { engine, natsVersion, extras } = await openEngine(resources, folder.path, signal);

  // On the machine's own network, since an engine of ours gives containers no way out.
  const build = ['build', '--quiet', '--network', 'host', '--tag', 'hookline:local', '.'];
  await engine.docker(build, { timeoutMs: BUILD_TIMEOUT_MS });
  console.log('built hookline:local');

  const stack = resources.use(
    createStack({
      ...{ engine, compose, signal, folder: folder.path },
      services: [...CORE, ...extras],
      env: {
        HOOKLINE_PUBLISH_ADDRESS: address,
        HOOKLINE_ALLOW_SUBNETS: '172.16.0.0/12,192.168.0.0/16',
        ...(natsVersion !== undefined && { HOOKLINE_NATS_VERSION: natsVersion }),
        ...(extras.includes('jaeger') && { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4318' }),
        ...(extras.includes('mailpit') && { HOOKLINE_SMTP_URL: 'smtp://mailpit:1025' }),
      },
    }),
  );
  await stack.up();
  console.log(`every container is healthy: ${[...CORE, ...extras].join(', ')}`);
  const scenario = { stack, address };
  for (const step of [
    ...[nobodyIsRoot, oneWebhookIsVerified, prometheusReads],
    ...[killedOneByOne, crashedTogether, nobodyIsRoot],
  ]) {
    signal.throwIfAborted();
    const { kind, finding } = await step(scenario);
    console.log(`${kind}  ${finding}`);
  }
}

interface OpenedEngine {
  readonly engine: Engine;
  /** Of the NATS that stands in for the image; undefined when the image itself is there. */
  readonly natsVersion: string | undefined;
  /** Services of profiles whose images are there. */
  readonly extras: readonly string[];
}

/** An engine with all the images that can be had; it is stopped with `resources` when it is ours. */
async function openEngine(
  resources: AsyncDisposableStack,
  folder: string,
  signal: AbortSignal,
): Promise<OpenedEngine> {
  const images = readBaseImages();
  const core = [images.node, images.postgres, images.nats];
  const wanted = [...core, ...images.extras.values()];
  const running = await runningEngine(signal);
  if (running !== undefined) {
    const missing = await fetchImages(running, wanted);
    if (!core.some((image) => missing.has(image))) return opened(running, missing, undefined);
    console.log('the engine that runs cannot fetch the images');
  }
  const engine = resources.use(await startEngine(folder, signal));
  const missing = new Map(await fetchImages(engine, wanted));
  if (!core.some((image) => missing.has(image))) return opened(engine, missing, undefined);
  const reason = [...missing.values()][0];
  console.log(`no registry gives the images (${reason}); stand-ins are made of packages`);
  const standIns = await makeStandIns({ engine, images, folder, signal });
  for (const image of standIns.images) missing.delete(image);
  return opened(engine, missing, standIns.natsVersion);

  function opened(
    of: Engine,
    lacking: ReadonlyMap<string, string>,
    natsVersion: string | undefined,
  ): OpenedEngine {
    const extras = [...images.extras].filter(([, image]) => !lacking.has(image));
    const left = [...images.extras].filter(([, image]) => lacking.has(image));
    if (left.length > 0) {
      console.log(
        `left out, since their images cannot be had: ${left.map(([name]) => name).join(', ')}`,
      );
    }
    return { engine: of, natsVersion, extras: extras.map(([name]) => name) };
  }
}

/**
 * A loopback address on which every port of the stack is free, so that another stack on this machine
 * is not disturbed. Linux has all of 127.0.0.0/8; elsewhere it is 127.0.0.1 or none.
 */
async function freeAddress(): Promise<string> {
  const ports = [...Object.values(stackPorts(0)), ...PORTS_BESIDE];
  const last = process.platform === 'linux' ? 50 : 1;
  for (let number = last === 1 ? 1 : 2; number <= last; number += 1) {
    const address = `127.0.0.${number}`;
    const free = await Promise.all(ports.map((port) => isPortFree(port, address)));
    if (free.every(Boolean)) return address;
  }
  throw new Error(
    `a port of the stack is in use on every loopback address: one of ${ports.join(', ')}`,
  );
}
