import type { XenOrchestraEvent } from '../events/events.ts';
import {
  isObject,
  optionalText,
  parseObject,
  requiredText,
  requiredWord,
  unexpected,
  withoutAbsent,
} from './members.ts';

/** The body of Xen Orchestra's web-hooks plugin; `type` there is the phase here. */
export function parseXenOrchestra(text: string): XenOrchestraEvent {
  const body = parseObject(text);
  const phase = requiredWord(body, 'type', ['pre', 'post']);
  const call = {
    type: requiredText(body, 'method'),
    callId: requiredText(body, 'callId'),
    userId: optionalText(body, 'userId') ?? '',
    userName: optionalText(body, 'userName') ?? '',
    params: isObject(body.params) ? body.params : {},
    time: timeOf(body.timestamp),
  };
  if (phase === 'pre') return { ...call, phase };
  return withoutAbsent({
    ...call,
    phase,
    status: 'error' in body ? ('fail' as const) : ('success' as const),
    durationMs: typeof body.duration === 'number' ? body.duration : undefined,
    result: body.result,
    error: body.error,
  });
}

function timeOf(timestamp: unknown): string {
  const time = new Date(typeof timestamp === 'number' ? timestamp : Number.NaN);
  if (Number.isNaN(time.getTime())) {
    throw unexpected('timestamp is missing or no number of milliseconds');
  }
  return time.toISOString();
}
