import { type AgentEvent, type AgentOptions, connectAgent } from '@hookline/agent';
import type { Input, Run } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import { jsonObject } from '../command/value-types.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { locate } from '../server/connect.ts';
import type { publishSpec } from '../specs/event-specs.ts';
import { readInput } from './read-input.ts';

type Given = Input<typeof publishSpec>;

export const publishEvent: Run<typeof publishSpec> = async (input, context) => {
  const { options } = input;
  const event = await eventOf(input, context);
  const target = await targetOf(options, context);
  const deadline = performance.now() + options.timeout;
  const agent = await connectAgent({
    ...target,
    name: 'hookline-cli',
    connectTimeoutMs: options.timeout,
    signal: context.signal,
  });
  const published = agent.publish(event);
  const stop = () => void agent.close({ timeoutMs: 0 });
  context.signal.addEventListener('abort', stop, { once: true });
  if (context.signal.aborted) stop();
  // Closing rejects what is not confirmed by then.
  const closing = setTimeout(stop, Math.max(0, deadline - performance.now()));
  try {
    const outcome = await published.catch((error: unknown) => {
      if (context.signal.aborted || agent.unconfirmed === 0) throw error;
      throw notConfirmed(options.timeout);
    });
    if (outcome.kind === 'rejected') {
      const { code, reason } = outcome;
      context.output.note(`rejected (${code}): ${reason}`);
      if (context.output.isJson) context.output.json({ rejected: { code, reason } });
      return exitCodes.failed;
    }
    const { sourceId, eventId, position } = outcome;
    if (context.output.isJson)
      context.output.json({ event_id: eventId, position, source_id: sourceId });
    else context.output.line(eventId);
    return exitCodes.done;
  } finally {
    clearTimeout(closing);
    context.signal.removeEventListener('abort', stop);
    await agent.close();
  }
};

async function eventOf(
  { arguments: { type }, options }: Given,
  context: Context,
): Promise<AgentEvent> {
  const { id, subject, status, phase, time } = options;
  return {
    type,
    data: await dataOf(options, context),
    ...(id !== undefined && { id }),
    ...(subject !== undefined && { subject }),
    ...(status !== undefined && { status }),
    ...(phase !== undefined && { phase }),
    ...(time !== undefined && { time }),
  };
}

async function dataOf(options: Given['options'], context: Context): Promise<string> {
  const { data, 'data-file': file } = options;
  if (file === undefined) return data;
  const text = (await readInput('--data-file', file, context)).toString('utf8').trim();
  const type = jsonObject();
  if (type.parse(text) !== undefined) return text;
  throw new UsageError(
    [{ subject: '--data-file', detail: `what it holds is not ${type.rule}` }],
    'events publish',
  );
}

/** As which agent, and where: what flags say, else that of the running stack. */
async function targetOf(
  { nats, creds, ...flags }: Given['options'],
  context: Context,
): Promise<AgentOptions> {
  if (nats !== undefined && creds !== undefined)
    return { servers: nats.split(','), credsPath: creds };
  const { endpoints } = await locate(flags, context);
  if (endpoints === undefined) {
    throw new UsageError(
      [
        {
          subject: '--nats, --creds',
          detail:
            'are both needed for a Hookline that does not run on this machine: where NATS is, and the file that `agents mint` made',
        },
      ],
      'events publish',
    );
  }
  const { natsCreds, tenant } = endpoints;
  const credsPath = creds ?? natsCreds;
  return {
    servers: nats ?? endpoints.nats,
    ...(credsPath === null ? { identity: { tenant, host: 'node-1' } } : { credsPath }),
  };
}

function notConfirmed(timeoutMs: number): CommandFailed {
  return new CommandFailed(
    `not confirmed within ${timeoutMs / 1_000} s: it may have been accepted. Run it again with the same --id, which makes no second event`,
    exitCodes.unreachable,
  );
}
