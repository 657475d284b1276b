import {
  type AcceptedEvent,
  cleanXenOrchestraCall,
  isObjectText,
  membersOf,
  memberText,
  type Phase,
} from '@hookline/contracts';
import { oncePerEvent } from './format.ts';

/** What Xen Orchestra itself had sent, read from the event's `data.source`. */
export interface XenOrchestraOriginal {
  readonly method: string;
  readonly phase: Phase;
  readonly failed: boolean;
  /** Its body as it goes on: without stacks of errors, and with secrets redacted. */
  readonly body: string;
}

/**
 * The request body of Xen Orchestra that an event was made of, kept whole under `data.source`;
 * undefined when the event came from elsewhere.
 */
export const xenOrchestraOriginal = oncePerEvent(
  (event: AcceptedEvent): XenOrchestraOriginal | undefined => {
    const source = isObjectText(event.data) ? memberText(event.data, 'source') : undefined;
    const members = membersOf(source ?? '');
    const method = members.get('method');
    const type = members.get('type');
    if (source === undefined || !method?.startsWith('"') || !members.has('callId'))
      return undefined;
    if (type !== '"pre"' && type !== '"post"') return undefined;
    return {
      method: JSON.parse(method) as string,
      phase: type === '"pre"' ? 'pre' : 'post',
      failed: members.has('error'),
      body: cleanXenOrchestraCall(source),
    };
  },
);
