import {
  CreateSubscriptionRequest,
  durationFromMs,
  RotateSecretRequest,
  type Subscription,
  UpdateSubscriptionRequest,
  type Warning,
} from '@hookline/contracts';
import type { Run } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { connect } from '../server/connect.ts';
import { message } from '../server/request.ts';
import type { createSpec, rotateSpec, updateSpec } from '../specs/subscription-specs.ts';
import type { Json } from '../views/shared.ts';
import { subscriptionJson } from '../views/subscription-view.ts';
import { readEither } from './read-input.ts';
import { present, show } from './show.ts';
import { readSettings } from './subscription-settings.ts';

export const createSubscription: Run<typeof createSpec> = async (input, context) => {
  const { options } = input;
  const settings = readSettings(options);
  const secret = await secretOf(options, context);
  using connection = await connect(options, context);
  const request = message(CreateSubscriptionRequest, {
    subscription: { ...settings.subscription, url: input.arguments.endpoint, secret },
    requestId: options['request-id'],
  });
  const answer = await connection.subscriptions.createSubscription(request, connection.call);
  warn(context, answer.warnings);
  show(context.output, unlessBrought(secret, present(answer.subscription, 'the subscription')));
  return exitCodes.done;
};

export const updateSubscription: Run<typeof updateSpec> = async (input, context) => {
  const { options } = input;
  const { subscription, paths } = readSettings(options);
  const mask = [...paths, ...(options.endpoint === undefined ? [] : ['url']), ...options.clear];
  if (mask.length === 0) {
    throw new UsageError(
      [
        {
          subject: '',
          detail: 'nothing is to be changed; name what is, such as --endpoint or --event',
        },
      ],
      'subscriptions update',
    );
  }
  const both = options.clear.find((path) => paths.includes(path));
  if (both !== undefined) {
    throw new UsageError([
      { subject: '--clear', detail: `${both} is also given a value; do one of the two` },
    ]);
  }
  using connection = await connect(options, context);
  const request = message(UpdateSubscriptionRequest, {
    subscription: {
      ...subscription,
      id: input.arguments.id,
      url: options.endpoint,
      etag: options.etag,
    } as Partial<Subscription>,
    updateMask: mask,
  });
  const answer = await connection.subscriptions.updateSubscription(request, connection.call);
  warn(context, answer.warnings);
  show(context.output, subscriptionJson(present(answer.subscription, 'the subscription')));
  if (answer.missedSince !== undefined) {
    context.output.note(
      `it was disabled, and is active again; what was missed: replays create ${input.arguments.id} --from ${answer.missedSince.toISOString()}`,
    );
  }
  return exitCodes.done;
};

export const rotateSecret: Run<typeof rotateSpec> = async (input, context) => {
  const { options } = input;
  const secret = await secretOf(options, context);
  using connection = await connect(options, context);
  const request = message(RotateSecretRequest, {
    id: input.arguments.id,
    overlap: durationFromMs(options.overlap),
    secret,
    etag: options.etag,
    requestId: options['request-id'],
  });
  const answer = await connection.subscriptions.rotateSecret(request, connection.call);
  warn(context, answer.warnings);
  const subscription = unlessBrought(secret, present(answer.subscription, 'the subscription'));
  const overlapEnd = answer.overlapEndTime?.toISOString() ?? null;
  if (context.output.isJson) {
    context.output.json({ ...subscription, overlap_end_time: overlapEnd });
  } else {
    context.output.fields([
      ['id', String(subscription.id)],
      ['secret', String(subscription.secret ?? 'the one you brought')],
      ['the old one signs until', overlapEnd ?? '-'],
    ]);
  }
  return exitCodes.done;
};

/** A secret that was brought is known to whoever brought it, and need not be on the screen. */
function unlessBrought(secret: string | undefined, subscription: Subscription): Json {
  return subscriptionJson(secret === undefined ? subscription : { ...subscription, secret: '' });
}

function secretOf(
  options: { readonly secret: string | undefined; readonly 'secret-file': string | undefined },
  context: Context,
): Promise<string | undefined> {
  return readEither(
    { flag: '--secret', fileFlag: '--secret-file' },
    { value: options.secret, file: options['secret-file'] },
    context,
  );
}

function warn({ output }: Context, warnings: readonly Warning[]): void {
  for (const { field, description } of warnings) output.note(`warning: ${field}: ${description}`);
}
