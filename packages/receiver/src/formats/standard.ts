import { isKnownEventType } from '../events/event-types.ts';
import type { HooklineEvent } from '../events/events.ts';
import {
  optionalText,
  parseObject,
  requiredObject,
  requiredText,
  requiredWord,
  withoutAbsent,
} from './members.ts';

/** `{"type","timestamp","data","id","subject","sequence","phase","status"}` */
export function parseStandard(text: string): HooklineEvent {
  const body = parseObject(text);
  const type = requiredText(body, 'type');
  return withoutAbsent({
    id: requiredText(body, 'id'),
    known: isKnownEventType(type),
    type,
    time: requiredText(body, 'timestamp'),
    subject: optionalText(body, 'subject'),
    sequence: optionalText(body, 'sequence'),
    phase: requiredWord(body, 'phase', ['pre', 'post']),
    status:
      body.status === undefined ? undefined : requiredWord(body, 'status', ['success', 'fail']),
    data: requiredObject(body, 'data'),
  }) as HooklineEvent;
}
