import type { Subscription } from '@hookline/contracts';
import { mergePatch } from './merge-patch.ts';
import { type RetryJson, toRetryJson } from './retry.ts';
import { type AuthInput, toSubscription, type WebhookInput } from './webhook-input.ts';

/** The body of `PATCH /v1/webhooks/{id}`: what is null is set back to its default. */
export interface WebhookPatch {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly format?: string | null;
  readonly retry?: { readonly [K in keyof RetryJson]: RetryJson[K] | null } | null;
  readonly statuses?: readonly string[] | null;
  readonly phases?: readonly string[] | null;
  readonly description?: string | null;
  readonly headers?: Readonly<Record<string, string | null>> | null;
  readonly auth?: AuthInput | null;
  readonly options?: Readonly<Record<string, string | null>> | null;
  readonly notification_emails?: readonly string[] | null;
}

/** What each member is called in an update mask. */
const PATHS: Readonly<Record<keyof WebhookPatch, string>> = {
  url: 'url',
  events: 'filter.types',
  format: 'format',
  retry: 'retry_policy',
  statuses: 'filter.statuses',
  phases: 'filter.phases',
  description: 'description',
  headers: 'headers',
  auth: 'auth',
  options: 'options',
  notification_emails: 'notification_emails',
};

/** The fields that a patch changes, as an update mask names them. */
export function maskOf(patch: WebhookPatch): string[] {
  return Object.keys(patch).map((name) => PATHS[name as keyof WebhookPatch]);
}

/**
 * Whether the outcome depends on what the webhook holds now: what is merged into, or the format, which
 * says what the default of `retry` is.
 */
export function needsCurrent({ retry, headers, options }: WebhookPatch): boolean {
  const merges = (member: unknown) => member !== undefined && member !== null;
  return retry !== undefined || merges(headers) || merges(options);
}

/**
 * The new values of the fields that a patch changes; the other fields are empty and not in the mask.
 * `current` is the webhook as it is, where `needsCurrent` asks for it.
 */
export function toPatched(patch: WebhookPatch, current: Subscription | undefined): Subscription {
  const { headers = {}, options = {}, format = '' } = current ?? {};
  const before = { headers, options, format, retry: retryBefore(patch, current) };
  const merged = mergePatch(before, { ...patch, auth: undefined }) as Partial<WebhookInput>;
  const { auth } = patch;
  return toSubscription({
    ...merged,
    url: merged.url ?? '',
    events: merged.events ?? [],
    ...(auth !== undefined && auth !== null && { auth }),
  } as WebhookInput);
}

/** A preset and delays of one's own exclude each other: naming one puts the other away. */
function retryBefore({ retry }: WebhookPatch, current: Subscription | undefined): RetryJson {
  if (retry === undefined || retry === null || current === undefined) return {};
  const { preset, delays_seconds, ...rest } = toRetryJson(current.retryPolicy);
  const namesDelays = retry.delays_seconds !== undefined && retry.delays_seconds !== null;
  const namesPreset = retry.preset !== undefined && retry.preset !== null;
  return {
    ...rest,
    ...(preset !== undefined && !namesDelays && { preset }),
    ...(delays_seconds !== undefined && !namesPreset && { delays_seconds }),
  };
}
