import { Auth, enumValue, Filter, GrpcPhase, GrpcStatus, Subscription } from '@hookline/contracts';
import { type RetryJson, toRetryPolicy } from './retry.ts';

/** The body of `POST /v1/webhooks`. */
export interface WebhookInput {
  readonly url: string;
  readonly events: readonly string[];
  readonly secret?: string;
  readonly format?: string;
  readonly retry?: RetryJson;
  readonly statuses?: readonly string[];
  readonly phases?: readonly string[];
  readonly description?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: AuthInput;
  readonly options?: Readonly<Record<string, string>>;
  readonly notification_emails?: readonly string[];
}

/** One of the three, each as gRPC has it. */
export interface AuthInput {
  readonly bearer?: { readonly token: string; readonly base64?: boolean };
  readonly basic?: { readonly username: string; readonly password?: string };
  readonly header?: { readonly name: string; readonly value: string };
}

const FORMAT_DEFAULT = 'cdhosting';

/** The subscription that a body asks for. */
export function toSubscription(input: WebhookInput): Subscription {
  const format = input.format ?? FORMAT_DEFAULT;
  const { statuses = [], phases = [] } = input;
  const subscription = Subscription.create({
    url: input.url,
    description: input.description ?? '',
    format,
    secret: input.secret ?? '',
    headers: { ...input.headers },
    options: { ...input.options },
    notificationEmails: [...(input.notification_emails ?? [])],
  });
  subscription.filter = Filter.create({ types: [...input.events] });
  subscription.filter.statuses = statuses.map(
    (name) => enumValue(GrpcStatus, 'STATUS_', name) ?? 0,
  );
  subscription.filter.phases = phases.map((name) => enumValue(GrpcPhase, 'PHASE_', name) ?? 0);
  subscription.retryPolicy = toRetryPolicy(input.retry ?? {}, format);
  subscription.auth = input.auth && toAuth(input.auth);
  return subscription;
}

function toAuth({ bearer, basic, header }: AuthInput): Auth {
  if (bearer !== undefined) {
    return { method: { $case: 'bearer', value: { base64: false, ...bearer } } };
  }
  if (basic !== undefined) return { method: { $case: 'basic', value: { password: '', ...basic } } };
  if (header !== undefined) return { method: { $case: 'header', value: header } };
  return Auth.create({});
}
