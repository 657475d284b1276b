import {
  createSafeHttpClient,
  type HttpOutcome,
  parseAllowSubnets,
  type SafeHttpClient,
} from '@hookline/safe-http';
import { createFilterIndex } from '@hookline/subscriptions';
import { childTraceparent } from '@hookline/telemetry';
import type { Run } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import type { Context } from '../context.ts';
import { followEvents } from '../follow/follow-events.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { printable } from '../output/printable.ts';
import { connect } from '../server/connect.ts';
import type { listenSpec } from '../specs/tool-specs.ts';
import { version } from '../version.ts';
import { toAcceptedEvent } from './accepted-event.ts';
import { type LocalSubscription, localRequest } from './local-request.ts';
import { readLocalSubscription } from './local-subscription.ts';

/** A program under development is on this machine; another place must be allowed. */
const LOOPBACK = '127.0.0.0/8,::1/128';

/**
 * Follows the events of the server and sends each that the filter takes, one after the other in their
 * order, to the program under development.
 */
export const listen: Run<typeof listenSpec> = async (input, context) => {
  const { output, signal } = context;
  using connection = await connect(input.options, context);
  const subscription = await readLocalSubscription(input, connection);
  const client = await openClient(context, subscription.url);
  const index = createFilterIndex<Filed>();
  index.add({ format: subscription.format.name, filter: subscription.filter });
  const { subject } = input.options;
  const events = followEvents(connection, {
    // Formats have names of their own for events, and the server's list knows the canonical ones.
    types: [],
    subject: subject.length === 1 ? subject[0] : undefined,
    since: input.options.since,
    withData: true,
    onTrouble: (text) => output.note(text),
    onListening: () => introduce(context, subscription, input.options.secret === undefined),
    signal,
  });
  try {
    for await (const received of events) {
      const event = toAcceptedEvent(received);
      if (index.match(event).length === 0) continue;
      await forward({ event, subscription, client, context });
    }
  } finally {
    await client.close({ graceMs: 0 });
  }
  return exitCodes.interrupted;
};

type Filed = Pick<LocalSubscription, 'filter'> & { readonly format: string };

/** @throws UsageError for an address that requests must not go to */
async function openClient({ env }: Context, url: string): Promise<SafeHttpClient> {
  const allowed = parseAllowSubnets(env.HOOKLINE_ALLOW_SUBNETS || LOOPBACK);
  if (!allowed.ok) {
    const detail = 'is no list of networks such as 10.0.0.0/8,fd00::/8';
    throw new UsageError([{ subject: 'HOOKLINE_ALLOW_SUBNETS', detail }], 'listen');
  }
  const client = createSafeHttpClient({
    policy: { allowSubnets: allowed.subnets, allowHttp: false },
  });
  const check = await client.checkUrl(url);
  if (check.ok) return client;
  await client.close();
  throw new UsageError([{ subject: '<forward-to>', detail: check.reason }], 'listen');
}

function introduce({ output }: Context, subscription: LocalSubscription, isMade: boolean): void {
  const { url, secret, format, id } = subscription;
  output.note(`forwarding to ${url} in format ${format.name}; Ctrl-C ends it`);
  // It was made here and now, for this program alone, and is kept nowhere.
  if (isMade && !output.isJson) output.note(`the secret is ${secret}`);
  if (!output.isJson) return;
  const made = isMade ? { secret } : {};
  output.jsonLine({ listening: true, url, format: format.name, subscription_id: id, ...made });
}

interface Forwarding {
  readonly event: ReturnType<typeof toAcceptedEvent>;
  readonly subscription: LocalSubscription;
  readonly client: SafeHttpClient;
  readonly context: Context;
}

async function forward({ event, subscription, client, context }: Forwarding): Promise<void> {
  const { output, signal } = context;
  const { traceparent } = childTraceparent(event.extensions.traceparent);
  const moment = { nowMs: Date.now(), traceparent, userAgent: `Hookline/${version}` };
  const request = localRequest(event, subscription, moment);
  if (request === undefined) return;
  const outcome = await client.send({ ...request, signal });
  if (outcome.kind === 'cancelled') return;
  const { id, type, subject = '' } = event;
  const durationMs = Math.round(outcome.durationMs);
  const { text, status, isGood } = answerOf(outcome);
  if (output.isJson) {
    const error = status === null ? text : '';
    const webhookId = request.headers['webhook-id'] ?? null;
    const answer = { http_status: status, error, duration_ms: durationMs };
    output.jsonLine({ event_id: id, webhook_id: webhookId, type, subject, ...answer });
    return;
  }
  const what = [id, type, subject].filter(Boolean).map(printable).join('  ');
  output.line(
    `${what}  →  ${output.colour(isGood ? 'green' : 'red', printable(text))} in ${durationMs} ms`,
  );
}

function answerOf(outcome: HttpOutcome) {
  if (outcome.kind !== 'response') {
    const hint = outcome.kind === 'connection_failed' ? ' Is your program running?' : '';
    return { text: `${outcome.error}${hint}`, status: null, isGood: false };
  }
  const { status } = outcome;
  return { text: String(status), status, isGood: status >= 200 && status < 300 };
}
