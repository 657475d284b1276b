import {
  type AcceptedEvent,
  isObjectText,
  membersOf,
  memberText,
  type VirtfusionName,
} from '@hookline/contracts';
import { oncePerEvent } from './format.ts';

/** What VirtFusion itself had sent, read from the event's `data.source`. */
export interface VirtfusionOriginal {
  readonly name: VirtfusionName;
  readonly eventStatus: string;
  /** JSON text of its `data`. */
  readonly data: string;
}

/**
 * The request body of VirtFusion that an event was made of, kept whole under `data.source`;
 * undefined when the event came from elsewhere. Names and statuses go into headers, so that one
 * with other characters than VirtFusion's is taken for no original.
 */
export const virtfusionOriginal = oncePerEvent(
  (event: AcceptedEvent): VirtfusionOriginal | undefined => {
    if (!isObjectText(event.data)) return undefined;
    const members = membersOf(memberText(event.data, 'source') ?? '');
    const name = scalar(members.get('event'));
    const id = scalar(members.get('hookEventId'));
    const eventStatus = scalar(members.get('eventStatus'));
    if (!/^[\w.-]{1,128}$/.test(name) || !/^\d{1,9}$/.test(id)) return undefined;
    if (!/^\w{1,32}$/.test(eventStatus)) return undefined;
    return { name: { id: Number(id), name }, eventStatus, data: members.get('data') ?? '{}' };
  },
);

/** A text or number of JSON as text; empty for anything else. */
function scalar(text: string | undefined): string {
  const value: unknown = text === undefined ? '' : JSON.parse(text);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
