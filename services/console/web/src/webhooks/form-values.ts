import type { AuthJson, RetryJson, WebhookJson } from '../api/types.ts';

/** What the form holds; texts as they are typed. */
export interface WebhookValues {
  readonly format: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly statuses: readonly string[];
  readonly phases: readonly string[];
  readonly description: string;
  readonly secret: string;
  readonly authKind: 'none' | 'bearer' | 'basic' | 'header' | 'kept';
  readonly authName: string;
  readonly authValue: string;
  readonly authBase64: boolean;
  /** A header a line, `Name: value`. */
  readonly headers: string;
  readonly preset: string;
  /** Seconds, parted by commas. */
  readonly delays: string;
  readonly attemptsMax: string;
  readonly mayDisable: 'preset' | 'yes' | 'no';
  readonly emails: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

export const OWN_DELAYS = 'own';

export const newValues: WebhookValues = {
  format: 'standard',
  url: '',
  events: [],
  statuses: ['success'],
  phases: ['post'],
  description: '',
  secret: '',
  authKind: 'none',
  authName: '',
  authValue: '',
  authBase64: false,
  headers: '',
  preset: '',
  delays: '',
  attemptsMax: '',
  mayDisable: 'preset',
  emails: [],
  options: {},
};

/** The form of a webhook that is there. Its credential is not known, and kept unless replaced. */
export function valuesOf(webhook: WebhookJson): WebhookValues {
  const { retry, auth } = webhook;
  const delays = retry.delays_seconds ?? [];
  return {
    ...newValues,
    format: webhook.format,
    url: webhook.url,
    events: webhook.events,
    statuses: webhook.statuses ?? newValues.statuses,
    phases: webhook.phases ?? newValues.phases,
    description: webhook.description ?? '',
    authKind: auth === undefined ? 'none' : 'kept',
    headers: Object.entries(webhook.headers ?? {})
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    preset: delays.length > 0 ? OWN_DELAYS : (retry.preset ?? ''),
    delays: delays.join(', '),
    attemptsMax: retry.attempts_max === undefined ? '' : String(retry.attempts_max),
    mayDisable: retry.disable === undefined ? 'preset' : retry.disable ? 'yes' : 'no',
    emails: webhook.notification_emails ?? [],
    options: webhook.options ?? {},
  };
}

/** The body of `POST /v1/webhooks`. */
export function toBody(values: WebhookValues) {
  const auth = toAuth(values);
  const retry = toRetry(values);
  return {
    url: values.url.trim(),
    format: values.format,
    events: values.events,
    statuses: values.statuses,
    phases: values.phases,
    ...(values.description !== '' && { description: values.description }),
    ...(values.secret !== '' && { secret: values.secret }),
    ...(auth !== undefined && { auth }),
    ...(values.headers.trim() !== '' && { headers: toHeaders(values.headers) }),
    ...(retry !== null && { retry }),
    ...(values.emails.length > 0 && { notification_emails: values.emails }),
    ...(Object.keys(toOptions(values)).length > 0 && { options: toOptions(values) }),
  };
}

/** A merge patch that makes `webhook` what the form says. */
export function toPatch(values: WebhookValues, webhook: WebhookJson) {
  const headers = toHeaders(values.headers);
  const options = toOptions(values);
  return {
    url: values.url.trim(),
    format: values.format,
    events: values.events,
    statuses: values.statuses,
    phases: values.phases,
    description: values.description === '' ? null : values.description,
    headers: { ...nullsFor(webhook.headers), ...headers },
    options: { ...nullsFor(webhook.options), ...options },
    ...(values.authKind !== 'kept' && { auth: toAuth(values) ?? null }),
    retry: toRetryPatch(values, webhook.retry),
    notification_emails: values.emails.length === 0 ? null : values.emails,
  };
}

/** Null for the preset of the format. */
function toRetry({ preset, delays, attemptsMax, mayDisable }: WebhookValues): RetryJson | null {
  const schedule =
    preset === OWN_DELAYS
      ? {
          delays_seconds: delays
            .split(/[\s,;]+/)
            .filter(Boolean)
            .map(Number),
        }
      : preset === ''
        ? {}
        : { preset };
  const retry = {
    ...schedule,
    ...(attemptsMax !== '' && { attempts_max: Number(attemptsMax) }),
    ...(mayDisable !== 'preset' && { disable: mayDisable === 'yes' }),
  };
  return Object.keys(retry).length === 0 ? null : retry;
}

function toRetryPatch(values: WebhookValues, before: RetryJson) {
  const retry = toRetry(values);
  return retry === null ? null : { ...nullsFor(before), ...retry };
}

function toAuth({
  authKind,
  authName,
  authValue,
  authBase64,
}: WebhookValues): AuthJson | undefined {
  switch (authKind) {
    case 'bearer':
      return { bearer: { token: authValue, ...(authBase64 && { base64: true }) } };
    case 'basic':
      return { basic: { username: authName, password: authValue } };
    case 'header':
      return { header: { name: authName, value: authValue } };
    case 'none':
    case 'kept':
      return undefined;
  }
}

function toHeaders(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const at = line.indexOf(':');
        return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
      }),
  );
}

/** An option left empty has its default. */
function toOptions({ options }: WebhookValues): Record<string, string> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== ''));
}

/** In a merge patch what is not null stays: members that are gone have to be named. */
function nullsFor(members: object | undefined): Record<string, null> {
  return Object.fromEntries(Object.keys(members ?? {}).map((name) => [name, null]));
}
