import {
  type Auth,
  enumText,
  GrpcPhase,
  GrpcStatus,
  State,
  type Subscription,
} from '@hookline/contracts';
import { toRetryJson } from './retry.ts';
import { instantText, textOrNull } from './times.ts';

/**
 * A webhook as REST shows it: the contract's members in the contract's order, `secret` only where it
 * is given, then what the webhook has besides, each member only if it has one.
 */
export function toWebhookJson(subscription: Subscription, secret?: string) {
  const { filter, headers, options, auth } = subscription;
  return {
    id: subscription.id,
    url: subscription.url,
    events: filter?.types ?? [],
    format: subscription.format,
    state: enumText(State, 'STATE_', subscription.state) ?? 'active',
    disabled_reason: textOrNull(subscription.disabledReason),
    retry: toRetryJson(subscription.retryPolicy),
    created_at: instantText(subscription.createTime),
    updated_at: instantText(subscription.updateTime),
    etag: subscription.etag,
    ...(secret !== undefined && { secret }),
    ...ifAny('statuses', namesOf(filter?.statuses ?? [], GrpcStatus, 'STATUS_')),
    ...ifAny('phases', namesOf(filter?.phases ?? [], GrpcPhase, 'PHASE_')),
    ...ifAny('description', subscription.description),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(auth?.method !== undefined && { auth: toAuthJson(auth) }),
    ...(Object.keys(options).length > 0 && { options }),
    ...ifAny('notification_emails', subscription.notificationEmails),
  };
}

function ifAny(name: string, value: string | readonly string[]) {
  return value.length === 0 ? {} : { [name]: value };
}

function namesOf(
  values: readonly number[],
  names: Readonly<Record<string, number>>,
  prefix: string,
) {
  return values.flatMap((value) => enumText(names, prefix, value) ?? []);
}

/** The method without its credential, which the service does not answer either. */
function toAuthJson({ method }: Auth) {
  switch (method?.$case) {
    case 'bearer':
      return { bearer: { base64: method.value.base64 } };
    case 'basic':
      return { basic: { username: method.value.username } };
    case 'header':
      return { header: { name: method.value.name } };
    default:
      return undefined;
  }
}
