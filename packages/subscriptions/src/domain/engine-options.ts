import {
  checkOptions,
  choice,
  type FormatOption,
  type WebhookFormat,
} from '@hookline/webhook-formats';
import type { SubscriptionSettings } from './settings.ts';

const signing = choice(
  'signing',
  'What signs besides the secret: "ed25519" adds v1a signatures, verified with public_key',
  ['hmac', 'ed25519'],
);

const onExhausted = choice(
  'on_exhausted',
  'What an ordered line does when its head has used up its attempts: "continue" gives the head up, "block" waits for a person',
  ['continue', 'block'],
);

const reEnable = choice(
  're_enable',
  'What enables the subscription again after failures disabled it: "manual" waits for a person, "probe" asks the endpoint with pings, until one succeeds',
  ['manual', 'probe'],
);

const traceparent = choice(
  'traceparent',
  'Whether requests carry traceparent, and events theirs where the format has a place for it: "on" or "off"',
  ['on', 'off'],
);

/** Options that every format has, since the engine acts on them. */
export const engineOptions: readonly FormatOption[] = [signing, onExhausted, reEnable, traceparent];

/** Whether requests carry an ed25519 signature besides that of the secret. */
export function signsWithKey({ options }: Pick<SubscriptionSettings, 'options'>): boolean {
  return Object.hasOwn(options, signing.name) && options[signing.name] === 'ed25519';
}

/** Whether the receiver is told of the trace. */
export function sendsTraceparent({ options }: Pick<SubscriptionSettings, 'options'>): boolean {
  return !(Object.hasOwn(options, traceparent.name) && options[traceparent.name] === 'off');
}

/** Whether the line of a delivery that has used up its attempts waits for a person, instead of going on. */
export function blocksWhenExhausted({
  options,
  ordering,
}: Pick<SubscriptionSettings, 'options' | 'ordering'>): boolean {
  return (
    ordering === 'per_server' &&
    Object.hasOwn(options, onExhausted.name) &&
    options[onExhausted.name] === 'block'
  );
}

/** All faults of options, with fields under `options`: the format's own and the engine's. */
export function checkAllOptions(format: WebhookFormat, options: Readonly<Record<string, string>>) {
  return checkOptions({ ...format, options: [...format.options, ...engineOptions] }, options);
}

/** Whether a subscription that failures disabled is enabled again by a ping that succeeds. */
export function isProbedWhenDisabled({ options }: Pick<SubscriptionSettings, 'options'>): boolean {
  return Object.hasOwn(options, reEnable.name) && options[reEnable.name] === 'probe';
}
