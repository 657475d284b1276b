/**
 * The demo: a receiver, two subscriptions, and a server's life published by its agent; every webhook
 * is verified and printed. Exits with 0 only if all of them arrived and were right.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Endpoints } from '@hookline/local-stack';
import { connectDemoAgent, publishLife } from './agent.ts';
import { CHANNELS, type Expected, expectedOf, findFaults } from './findings.ts';
import { type Inbox, openInbox } from './inbox.ts';
import { Interrupted, listenForInterruption, unlessInterrupted } from './interruption.ts';
import { publishedText, webhookText } from './print.ts';
import { RETRIED_TYPE, serverLife } from './server-life.ts';
import { findRunningStack, startOwnStack } from './stack.ts';
import { subscribeOverGrpc, subscribeOverRest, unsubscribe } from './subscribe.ts';

const HELP = `npx pnpm demo [--help]

Shows Hookline at work: starts a receiver on this machine, registers a webhook over
REST and one over gRPC, publishes the life of a server over NATS as its agent does,
and prints every webhook that arrives, its signatures verified.

Uses the stack that runs on HOOKLINE_DATA_DIR (.hookline), and deletes its two
webhooks again; with none running, it starts one of its own in a temporary folder.

Exit code 0: every webhook arrived and was right.`;

/** How long a webhook may take, the retry's delay included. */
const ARRIVAL_TIMEOUT_MS = 15_000;

process.exitCode = await main();

async function main(): Promise<number> {
  if (!readArguments()) return 2;
  using interruption = listenForInterruption(() => process.exit(130));
  const { signal } = interruption;
  try {
    await using stack = (await findRunningStack(process.env)) ?? (await startOwn(signal));
    if (stack.isShared) console.log(`using the stack that runs at ${stack.endpoints.http}`);
    return await demonstrate(stack.endpoints, signal);
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error('\nthe demo was interrupted; what it made is gone');
      return 130;
    }
    console.error(`\nthe demo failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function readArguments(): boolean {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    return true;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return false;
  }
}

function startOwn(signal: AbortSignal) {
  console.log('no stack is running; starting one for the demo');
  return startOwnStack({ signal, onProgress: (line) => console.log(`  ${line}`) });
}

/** Runs the whole story on a stack, and leaves nothing of it behind. */
async function demonstrate(endpoints: Endpoints, signal: AbortSignal): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const serverId = `srv_demo_${randomBytes(5).toString('hex')}`;
  const inbox = resources.use(
    await openInbox({
      serverId,
      answer: ({ type, attempt }) => (type === RETRIED_TYPE && attempt === 1 ? 500 : 200),
      onWebhook: (webhook) => console.log(webhookText(webhook)),
    }),
  );
  const agent = resources.use(await connectDemoAgent(endpoints));
  await subscribeBoth(endpoints, { inbox, serverId, resources });

  const expected: Expected[] = [];
  for (const [index, event] of serverLife(serverId).entries()) {
    signal.throwIfAborted();
    const published = publishLife(agent, event, `${serverId}/${index + 1}`);
    const eventId = await unlessInterrupted(published, signal);
    console.log(publishedText(event, eventId));
    const deliveries = expectedOf({ event, eventId });
    expected.push(...deliveries);
    const arrivals = deliveries.map((delivery) => inbox.taken(delivery, ARRIVAL_TIMEOUT_MS));
    await unlessInterrupted(Promise.all(arrivals), signal);
  }
  return summarise(expected, inbox);
}

interface SubscribingOptions {
  readonly inbox: Inbox;
  readonly serverId: string;
  /** Is given the deletion of what is made. */
  readonly resources: AsyncDisposableStack;
}

async function subscribeBoth(
  endpoints: Endpoints,
  { inbox, serverId, resources }: SubscribingOptions,
): Promise<void> {
  const rest = await subscribeOverRest(endpoints, inbox.urlOf(CHANNELS.rest));
  resources.defer(() => unsubscribe(endpoints, rest.id));
  inbox.expect(CHANNELS.rest, rest.secret);
  const url = inbox.urlOf(CHANNELS.grpc);
  const grpc = await subscribeOverGrpc(endpoints, { url, serverId });
  resources.defer(() => unsubscribe(endpoints, grpc.id));
  inbox.expect(CHANNELS.grpc, grpc.secret);
  console.log(`
  [${CHANNELS.rest}]  registered over REST as CDHosting's page shows: ${rest.id}
  [${CHANNELS.grpc}]   registered over gRPC, every event of the server: ${grpc.id}`);
}

function summarise(expected: readonly Expected[], { webhooks }: Inbox): number {
  const faults = findFaults(expected, webhooks);
  for (const fault of faults) console.error(`  ✗  ${fault}`);
  const events = new Set(expected.map(({ eventId }) => eventId)).size;
  const verdict = faults.length === 0 ? 'all arrived and verified' : `${faults.length} faults`;
  console.log(
    `\n${events} events, ${expected.length} webhooks, ${webhooks.length} requests: ${verdict}`,
  );
  return faults.length === 0 ? 0 : 1;
}
