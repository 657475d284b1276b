import type { JsonObject } from '../events/event-data.ts';
import { WebhookError } from '../webhook-error.ts';

/** The object that a JSON text is. Throws `body_not_json`, or `body_unexpected` for another value. */
export function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WebhookError('body_not_json', 'the body is no JSON');
  }
  if (!isObject(value)) throw unexpected('the body is no JSON object');
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that must be a text. */
export function requiredText(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw unexpected(`${name} is missing or no text`);
  return value;
}

/** A member that is a text if it is there; null counts as absent. */
export function optionalText(body: JsonObject, name: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw unexpected(`${name} is no text`);
  return value;
}

/** A member that must be an object. */
export function requiredObject(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  if (!isObject(value)) throw unexpected(`${name} is missing or no object`);
  return value;
}

/** A member that must be one of the words. */
export function requiredWord<Word extends string>(
  body: JsonObject,
  name: string,
  words: readonly Word[],
): Word {
  const word = words.find((each) => each === body[name]);
  if (word === undefined) throw unexpected(`${name} is not one of ${words.join(', ')}`);
  return word;
}

/** Only the members that have a value, for types whose optional members are absent, not undefined. */
export function withoutAbsent<Value extends object>(value: Value): Present<Value> {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as Present<Value>;
}

type Present<Value> = {
  [Name in keyof Value as undefined extends Value[Name] ? never : Name]: Value[Name];
} & {
  [Name in keyof Value as undefined extends Value[Name] ? Name : never]?: Exclude<
    Value[Name],
    undefined
  >;
};

export function unexpected(what: string): WebhookError {
  return new WebhookError(
    'body_unexpected',
    `${what}; is the receiver’s format the one of the subscription?`,
  );
}
