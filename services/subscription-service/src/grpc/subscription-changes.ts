import {
  type CreateSubscriptionRequest,
  type CreateSubscriptionResponse,
  durationToMs,
  type FieldViolation,
  isValidDuration,
  type RotateSecretRequest,
  type RotateSecretResponse,
  Subscription as SubscriptionMessage,
  type UpdateSubscriptionRequest,
  type UpdateSubscriptionResponse,
  type Warning,
} from '@hookline/contracts';
import type { GrpcCall } from '@hookline/service-runtime';
import {
  checkSubscription,
  refuseFaults,
  type SubscriptionCheck,
  type SubscriptionSettings,
  toSubscriptionRequest,
} from '@hookline/subscriptions';
import { checkSecret } from '@hookline/webhook-signature';
import { toSettingsMessage, toSubscriptionMessage } from './subscription-message.ts';
import type { SubscriptionServiceParts } from './subscription-service.ts';
import { authorOf, targetOf } from './subscription-target.ts';
import { applyUpdateMask, readUpdateMask } from './subscription-update-mask.ts';

const REQUEST_ID_MAX = 128;
const OVERLAP_MS_DEFAULT = 24 * 60 * 60_000;
const OVERLAP_MS_MAX = 7 * OVERLAP_MS_DEFAULT;

type Parts = Pick<SubscriptionServiceParts, 'store' | 'policy' | 'events' | 'sealer'>;

export async function createSubscription(
  { store, policy, events, sealer }: Parts,
  { subscription: wanted, requestId }: CreateSubscriptionRequest,
  call: GrpcCall,
): Promise<CreateSubscriptionResponse> {
  const request = toSubscriptionRequest(wanted ?? SubscriptionMessage.create());
  const checked = checkSubscription(request, policy);
  const faults = [...faultsOf(checked), ...checkRequestId(requestId)];
  if (checked.kind === 'faulty' || faults.length > 0) throw refuseFaults(faults);
  const author = await authorOf(call, sealer);
  const { subscription, secret } = await store.create({
    ...author,
    settings: checked.settings,
    signal: call.signal,
    ...(checked.secret !== undefined && { secret: checked.secret }),
    ...(requestId !== '' && { requestId }),
  });
  events.created({ ...author, subscriptionId: subscription.id });
  return {
    subscription: toSubscriptionMessage(subscription, secret),
    warnings: warningsOf(checked),
  };
}

export async function updateSubscription(
  { store, policy, events, sealer }: Parts,
  { subscription, updateMask }: UpdateSubscriptionRequest,
  call: GrpcCall,
): Promise<UpdateSubscriptionResponse> {
  const wanted = subscription ?? SubscriptionMessage.create();
  const mask = readUpdateMask(updateMask, wanted);
  const secretFault: FieldViolation = {
    field: 'subscription.secret',
    detail: 'an update cannot change it; use RotateSecret',
  };
  const faults = [
    ...(mask.kind === 'faulty' ? mask.faults : []),
    ...(wanted.secret === '' ? [] : [secretFault]),
  ];
  if (mask.kind === 'faulty' || faults.length > 0) throw refuseFaults(faults);
  let warnings: Warning[] = [];
  const revise = (current: SubscriptionSettings): SubscriptionSettings => {
    const revised = applyUpdateMask(toSettingsMessage(current), wanted, mask.paths);
    const checked = checkSubscription(toSubscriptionRequest(revised), policy);
    if (checked.kind === 'faulty') throw refuseFaults(faultsOf(checked));
    warnings = warningsOf(checked);
    return checked.settings;
  };
  const target = await targetOf(wanted, call, sealer);
  const result = await store.update(target, revise);
  if (result.kind === 'changed') events.updated(target);
  return {
    subscription: toSubscriptionMessage(result.subscription),
    warnings,
    missedSince: result.missedSince,
  };
}

export async function rotateSecret(
  { store, events, sealer }: Parts,
  request: RotateSecretRequest,
  call: GrpcCall,
): Promise<RotateSecretResponse> {
  const { secret, requestId, overlap } = request;
  const checked = secret === '' ? undefined : checkSecret(secret);
  const overlapMs = overlap === undefined ? OVERLAP_MS_DEFAULT : durationToMs(overlap);
  const faults: FieldViolation[] = [
    ...(checked?.kind === 'fault' ? [{ field: 'secret', detail: checked.fault }] : []),
    ...checkOverlap(overlapMs, overlap === undefined || isValidDuration(overlap)),
    ...checkRequestId(requestId),
  ];
  if (faults.length > 0) throw refuseFaults(faults);
  const target = await targetOf(request, call, sealer);
  const rotated = await store.rotateSecret(target, {
    overlapMs,
    ...(secret !== '' && { secret }),
    ...(requestId !== '' && { requestId }),
  });
  events.secretRotated(target);
  const warning = checked?.kind === 'ok' ? checked.warning : undefined;
  return {
    subscription: toSubscriptionMessage(rotated.subscription, rotated.secret),
    overlapEndTime: rotated.overlapEndsAt,
    warnings: warning === undefined ? [] : [{ field: 'secret', description: warning }],
  };
}

function faultsOf(checked: SubscriptionCheck): FieldViolation[] {
  return checked.kind === 'faulty' ? checked.faults.map(within) : [];
}

function warningsOf(checked: Extract<SubscriptionCheck, { kind: 'sound' }>): Warning[] {
  return checked.warnings.map(within).map(({ field, detail }) => ({ field, description: detail }));
}

function within({ field, detail }: FieldViolation): FieldViolation {
  return { field: `subscription.${field}`, detail };
}

function checkOverlap(overlapMs: number, isValid: boolean): FieldViolation[] {
  if (isValid && overlapMs >= 0 && overlapMs <= OVERLAP_MS_MAX) return [];
  const detail = 'it must be 0 s to 7 days (604800 s); leave it out for 24 hours';
  return [{ field: 'overlap', detail }];
}

function checkRequestId(requestId: string): FieldViolation[] {
  if (requestId.length <= REQUEST_ID_MAX && !/[\p{Cc}\p{Cs}]/u.test(requestId)) return [];
  const detail = `use 1 to ${REQUEST_ID_MAX} printable characters, or leave it empty`;
  return [{ field: 'request_id', detail }];
}
