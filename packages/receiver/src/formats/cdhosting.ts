import { isKnownEventType } from '../events/event-types.ts';
import type { CdhostingEvent } from '../events/events.ts';
import { parseObject, requiredObject, requiredText } from './members.ts';

/** `{"id","type","created_at","data"}` */
export function parseCdhosting(text: string): CdhostingEvent {
  const body = parseObject(text);
  const type = requiredText(body, 'type');
  return {
    id: requiredText(body, 'id'),
    known: isKnownEventType(type),
    type,
    time: requiredText(body, 'created_at'),
    data: requiredObject(body, 'data'),
  } as CdhostingEvent;
}
