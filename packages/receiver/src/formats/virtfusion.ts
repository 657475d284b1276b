import type { JsonObject } from '../events/event-data.ts';
import type { VirtfusionEvent } from '../events/events.ts';
import {
  optionalText,
  parseObject,
  requiredObject,
  requiredText,
  requiredWord,
  unexpected,
  withoutAbsent,
} from './members.ts';

/** VirtFusion's body; its numbers come as texts or as numbers, and are numbers here. */
export function parseVirtfusion(text: string): VirtfusionEvent {
  const body = parseObject(text);
  const data = requiredObject(body, 'data');
  return withoutAbsent({
    type: requiredText(body, 'event'),
    eventNumber: numberOf(body, 'hookEventId'),
    hookNumber: numberOf(body, 'hookId'),
    time: requiredText(body, 'created'),
    status: requiredWord(body, 'eventStatus', ['success', 'fail']),
    controlDomain: optionalText(body, 'controlDomain'),
    controlName: optionalText(body, 'controlName'),
    controlSupportLink: optionalText(body, 'controlSupportLink'),
    data: { ...data, errors: errorList(data.errors) },
  });
}

function numberOf(body: JsonObject, name: string): number {
  const value = body[name];
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number') throw unexpected(`${name} is missing or no number`);
  return number;
}

/** VirtFusion itself says `false`, null or an object where Hookline has a list. */
function errorList(errors: unknown): readonly unknown[] {
  if (Array.isArray(errors)) return errors;
  return errors === undefined || errors === null || errors === false || errors === ''
    ? []
    : [errors];
}
