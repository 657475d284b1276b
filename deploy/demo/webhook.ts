import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The webhook that the receiver made for itself. */
export interface OwnWebhook {
  readonly id: string;
  readonly secret: string;
}

export interface WebhookOptions {
  /** The console. */
  readonly hookline: string;
  readonly apiKey: string;
  /** Where webhooks are to be sent. */
  readonly url: string;
  /** Where the secret is kept, which Hookline shows only once. */
  readonly file: string;
}

/**
 * The webhook of an earlier start, if Hookline still has it, so that what came while the receiver was
 * down is verified too; else a new one.
 */
export async function openWebhook(options: WebhookOptions): Promise<OwnWebhook> {
  const kept = await readKept(options.file);
  if (kept !== undefined && (await exists(kept.id, options))) return kept;
  const response = await call('/v1/webhooks', options, {
    method: 'POST',
    body: JSON.stringify({
      url: options.url,
      events: ['server.*'],
      format: 'standard',
      description: 'Of the demo receiver',
    }),
  });
  const text = await response.text();
  if (response.status !== 201) {
    throw new Error(
      `the webhook was refused with ${response.status}: ${text}; the network of the containers must be in HOOKLINE_ALLOW_SUBNETS, for instance 172.16.0.0/12`,
    );
  }
  const { id, secret } = JSON.parse(text) as OwnWebhook;
  await keep(options.file, { id, secret });
  return { id, secret };
}

async function exists(id: string, options: WebhookOptions): Promise<boolean> {
  const response = await call(`/v1/webhooks/${id}`, options, { method: 'GET' });
  await response.body?.cancel();
  if (response.ok) return true;
  if (response.status === 404) return false;
  throw new Error(`GET /v1/webhooks/${id} was answered ${response.status}`);
}

function call(
  path: string,
  { hookline, apiKey }: WebhookOptions,
  init: { readonly method: string; readonly body?: string },
): Promise<Response> {
  return fetch(`${hookline}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(20_000),
  });
}

async function readKept(file: string): Promise<OwnWebhook | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as OwnWebhook;
  } catch {
    // Not there, or broken off: a new webhook is as good.
    return undefined;
  }
}

async function keep(file: string, webhook: OwnWebhook): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, JSON.stringify(webhook), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
