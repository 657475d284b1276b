import { createReceiver, type ReceiverOptions, type WebhookReceiver } from '@hookline/receiver';
import type { Input, Run } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { printable } from '../output/printable.ts';
import { readEither, readInput } from '../run/read-input.ts';
import type { verifySpec } from '../specs/tool-specs.ts';
import { type CapturedRequest, parseCapturedRequest } from './captured-request.ts';

type Flags = Input<typeof verifySpec>['options'];

/** Checks a request with what receivers are given, so that the answer is theirs. */
export const verify: Run<typeof verifySpec> = async ({ options }, context) => {
  const { output } = context;
  checkStandardInput(options);
  const request = await readRequest(options, context);
  const receiver = openReceiver(options, await readSecret(options, context));
  const verdict = receiver.verify(request);
  if (verdict.kind === 'refused') {
    const { code, message } = verdict.error;
    const reason = message + hintOf(code);
    if (output.isJson) output.json({ valid: false, code, reason });
    else output.line(`${output.colour('red', 'not valid')} (${code}): ${printable(reason)}`);
    return exitCodes.failed;
  }
  const { id, signedAt, eventId, subscriptionId, attempt } = verdict.webhook;
  const facts = {
    id,
    event_id: eventId ?? null,
    subscription_id: subscriptionId ?? null,
    attempt: attempt ?? null,
    signed_at: signedAt?.toISOString() ?? null,
  };
  if (output.isJson) {
    output.json({ valid: true, ...facts });
    return exitCodes.done;
  }
  output.line(output.colour('green', 'valid'));
  output.fields(Object.entries(facts).map(([name, value]) => [name, String(value ?? '-')]));
  return exitCodes.done;
};

/** It can be read once. */
function checkStandardInput(flags: Flags): void {
  const readers = (['request', 'body', 'secret-file'] as const).filter(
    (name) => flags[name] === '-',
  );
  if (readers.length < 2) return;
  const subject = readers.map((name) => `--${name}`).join(', ');
  const detail = 'are all -, and the standard input can be read once; name a file for the others';
  throw new UsageError([{ subject, detail }], 'verify');
}

async function readRequest(flags: Flags, context: Context): Promise<CapturedRequest> {
  const { request, body, header } = flags;
  if ((request === undefined) === (body === undefined)) {
    const detail =
      request === undefined
        ? 'neither is given; give --request with the whole request, or --body and a --header for each header'
        : 'are given together; give one of them';
    throw new UsageError([{ subject: '--request, --body', detail }], 'verify');
  }
  if (body !== undefined) {
    const headers = header.map(({ name, value }) => [name.toLowerCase(), value]);
    return { headers: Object.fromEntries(headers), body: await readInput('--body', body, context) };
  }
  const parsed = parseCapturedRequest(await readInput('--request', request ?? '', context));
  if (typeof parsed !== 'string') return parsed;
  const detail = `${JSON.stringify(request)} ${parsed}; give headers, an empty line and the body`;
  throw new UsageError([{ subject: '--request', detail }], 'verify');
}

async function readSecret(flags: Flags, context: Context): Promise<string> {
  const secret = await readEither(
    { flag: '--secret', fileFlag: '--secret-file' },
    { value: flags.secret, file: flags['secret-file'] },
    context,
  );
  if (secret !== undefined) return secret;
  throw new UsageError(
    [
      {
        subject: '--secret, --secret-file',
        detail: 'neither is given; give the subscription’s secret, or its public key',
      },
    ],
    'verify',
  );
}

function openReceiver(flags: Flags, secret: string): WebhookReceiver<never> {
  const { format, 'signature-header': signatureHeader, 'bearer-token': bearerToken, at } = flags;
  const options = {
    secret,
    format,
    toleranceMs: flags.tolerance,
    ...(signatureHeader !== undefined && { signatureHeader }),
    ...(bearerToken !== undefined && { bearerToken }),
    ...(at !== undefined && { now: () => at.getTime() }),
  } as ReceiverOptions<never>;
  try {
    return createReceiver(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError([{ subject: '--secret', detail: error.message }], 'verify');
  }
}

/** What to look at next, where the reason alone may leave one wondering. */
function hintOf(code: string): string {
  switch (code) {
    case 'timestamp_too_old':
    case 'timestamp_too_new':
      return '; for a request of another time, say by --at when it came';
    case 'signature_mismatch':
      return '; compare the secret, and whether these are the bytes as they came';
    default:
      return '';
  }
}
