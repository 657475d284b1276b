import { type AcceptedEvent, memberText, type Phase, topLevelMembers } from '@hookline/contracts';
import { oncePerEvent } from './format.ts';
import { isObjectText, membersOf, replaceMembers, withoutMembers } from './json-members.ts';

/** What Xen Orchestra itself had sent, read from the event's `data.source`. */
export interface XenOrchestraOriginal {
  readonly method: string;
  readonly phase: Phase;
  readonly failed: boolean;
  /** Its body as it goes on: without the stack of an error. */
  readonly body: string;
}

const STACK = new Set(['stack']);

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
      body: withCleanErrors(source),
    };
  },
);

/** An error without its stack, nor those of the errors that caused it. */
export function withoutStack(error: string): string {
  return replaceMembers(withoutMembers(error, STACK), (key) =>
    key === 'stack' ? '"* removed *"' : undefined,
  );
}

function withCleanErrors(body: string): string {
  let result = '';
  let copied = 0;
  for (const { key, valueStart, valueEnd } of topLevelMembers(body)) {
    if (key !== 'error') continue;
    result += body.slice(copied, valueStart) + withoutStack(body.slice(valueStart, valueEnd));
    copied = valueEnd;
  }
  return result + body.slice(copied);
}
