import {
  DomainError,
  type EventStatus,
  type FieldViolation,
  type Phase,
} from '@hookline/contracts';
import { checkUrl, type OutboundPolicy } from '@hookline/safe-http';
import {
  checkDestination,
  formatNames,
  getFormat,
  type WebhookFormat,
} from '@hookline/webhook-formats';
import { checkSecret } from '@hookline/webhook-signature';
import { checkFilter } from './check-filter.ts';
import { checkAuth, checkHeaders } from './check-headers.ts';
import { countFault, emailFault, faultAt, textFault } from './check-texts.ts';
import { checkAllOptions } from './engine-options.ts';
import type { AttributeExpression } from './filter.ts';
import { checkRetryPolicy, type RetryPolicy } from './retry-policy.ts';
import {
  type EndpointAuth,
  type Ordering,
  orderings,
  type RateLimit,
  type SubscriptionSettings,
} from './settings.ts';

/** A subscription as a client asks for it; what is absent takes its default. */
export interface SubscriptionRequest {
  readonly url: string;
  readonly description?: string;
  readonly filter?: {
    readonly types: readonly string[];
    readonly statuses?: readonly EventStatus[];
    readonly phases?: readonly Phase[];
    readonly subjects?: readonly string[];
    readonly attributes?: readonly AttributeExpression[];
  };
  /** Empty is `standard`. */
  readonly format?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: EndpointAuth;
  readonly retryPolicy?: RetryPolicy;
  readonly rateLimit?: RateLimit;
  readonly timeoutMs?: number;
  readonly ordering?: Ordering;
  readonly notificationEmails?: readonly string[];
  /** Empty: one will be made. */
  readonly secret?: string;
}

/** Sound settings, with what is allowed but unwise; or every fault there is. */
export type SubscriptionCheck =
  | {
      readonly kind: 'sound';
      readonly settings: SubscriptionSettings;
      /** The secret that was brought. */
      readonly secret?: string;
      readonly warnings: readonly FieldViolation[];
    }
  | { readonly kind: 'faulty'; readonly faults: readonly FieldViolation[] };

export const TIMEOUT_MS_DEFAULT = 15_000;
const TIMEOUT_MS_MIN = 1_000;
const TIMEOUT_MS_MAX = 30_000;
const RATE_MIN = 0.01;
const RATE_MAX = 10_000;
const DESCRIPTION_MAX = 500;
const OPTIONS_MAX = 32;
const EMAILS_MAX = 10;

/**
 * Checks a subscription that is asked for and fills in its defaults. Faults name the field as the
 * API spells it, relative to the subscription (`filter.types[0]`), and say what would be right;
 * they never repeat a secret.
 */
export function checkSubscription(
  request: SubscriptionRequest,
  policy: OutboundPolicy,
): SubscriptionCheck {
  const settings = withDefaults(request);
  const format = getFormat(settings.format);
  const secret = request.secret === '' ? undefined : request.secret;
  const checked = secret === undefined ? undefined : checkSecret(secret);
  const faults = [
    ...checkEndpoint(settings, policy),
    ...faultAt(
      'description',
      textFault(settings.description, { max: DESCRIPTION_MAX, multiline: true }),
    ),
    ...checkFilter(settings.filter, format),
    ...(format === undefined
      ? unknownFormat(settings.format)
      : [...checkFormatOptions(settings, format), ...checkService(settings, format)]),
    ...faultAt('secret', checked?.kind === 'fault' ? checked.fault : undefined),
    ...checkHeaders(settings.headers),
    ...(settings.auth === undefined ? [] : checkAuth(settings.auth)),
    ...checkRetryPolicy(settings.retryPolicy),
    ...checkRateLimit(settings.rateLimit),
    ...checkTimeout(settings.timeoutMs),
    ...checkOrdering(settings.ordering),
    ...checkEmails(settings.notificationEmails),
  ];
  if (faults.length > 0) return { kind: 'faulty', faults };
  const warning = checked?.kind === 'ok' ? checked.warning : undefined;
  return {
    kind: 'sound',
    settings,
    ...(secret !== undefined && { secret }),
    warnings: faultAt('secret', warning),
  };
}

/** The refusal of a faulty request; `prefix` goes before each field, for instance `subscription.`. */
export function refuseFaults(faults: readonly FieldViolation[], prefix = ''): DomainError {
  const fields = faults.map(({ field, detail }) => ({ field: `${prefix}${field}`, detail }));
  const [first] = fields;
  const others = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  return new DomainError('invalid_argument', `${first?.field}: ${first?.detail}${others}`, {
    fields,
  });
}

function withDefaults(request: SubscriptionRequest): SubscriptionSettings {
  const { filter, auth, rateLimit } = request;
  return {
    url: request.url,
    description: request.description ?? '',
    filter: {
      types: [...new Set(filter?.types)],
      statuses: [...new Set(filter?.statuses)],
      phases: [...new Set(filter?.phases)],
      subjects: [...new Set(filter?.subjects)],
      attributes: filter?.attributes ?? [],
    },
    format: request.format || 'standard',
    options: request.options ?? {},
    headers: request.headers ?? {},
    ...(auth !== undefined && { auth }),
    retryPolicy: namedPolicy(request.retryPolicy ?? {}),
    ...(rateLimit !== undefined && { rateLimit }),
    timeoutMs: request.timeoutMs ?? TIMEOUT_MS_DEFAULT,
    ordering: request.ordering ?? 'none',
    notificationEmails: [...new Set(request.notificationEmails)],
  };
}

/** A policy without a schedule of its own says whose it has. */
function namedPolicy({ delaysMs = [], ...rest }: RetryPolicy): RetryPolicy {
  if (delaysMs.length > 0) return { ...rest, delaysMs };
  return { ...rest, preset: rest.preset ?? 'standard' };
}

function checkEndpoint({ url }: SubscriptionSettings, policy: OutboundPolicy): FieldViolation[] {
  const checked = checkUrl(url, policy);
  return checked.ok ? [] : faultAt('url', checked.reason);
}

function unknownFormat(format: string): FieldViolation[] {
  const shown = JSON.stringify(format.slice(0, 64));
  return faultAt('format', `${shown} is not a format; use ${formatNames.join(', ')}`);
}

function checkFormatOptions({ options }: SubscriptionSettings, format: WebhookFormat) {
  const tooMany = countFault(Object.keys(options).length, { max: OPTIONS_MAX, what: 'options' });
  return tooMany === undefined ? checkAllOptions(format, options) : faultAt('options', tooMany);
}

/** What the service of a format asks of the address and of the credential. */
function checkService({ url, auth }: SubscriptionSettings, format: WebhookFormat) {
  return checkDestination(format, { url, auth: auth?.kind });
}

function checkRateLimit(limit: RateLimit | undefined): FieldViolation[] {
  if (limit === undefined) return [];
  const { requestsPerSecond: rate, burst } = limit;
  const isRate = rate >= RATE_MIN && rate <= RATE_MAX;
  const isBurst =
    burst === undefined || (Number.isInteger(burst) && burst >= 1 && burst <= RATE_MAX);
  return [
    ...faultAt(
      'rate_limit.requests_per_second',
      isRate ? undefined : `it is ${rate}; it must be ${RATE_MIN} to ${RATE_MAX}`,
    ),
    ...faultAt(
      'rate_limit.burst',
      isBurst ? undefined : `it is ${burst}; it must be a whole number from 1 to ${RATE_MAX}`,
    ),
  ];
}

function checkTimeout(timeoutMs: number): FieldViolation[] {
  if (timeoutMs >= TIMEOUT_MS_MIN && timeoutMs <= TIMEOUT_MS_MAX) return [];
  return faultAt('timeout', `it is ${timeoutMs / 1_000} s; it must be 1 s to 30 s`);
}

function checkOrdering(ordering: Ordering): FieldViolation[] {
  if (orderings.includes(ordering)) return [];
  return faultAt('ordering', `"${ordering}" is not known; use ${orderings.join(' or ')}`);
}

function checkEmails(emails: readonly string[]): FieldViolation[] {
  const field = 'notification_emails';
  const tooMany = countFault(emails.length, { max: EMAILS_MAX, what: 'addresses' });
  if (tooMany !== undefined) return faultAt(field, tooMany);
  return emails.flatMap((email, index) => faultAt(`${field}[${index}]`, emailFault(email)));
}
