import {
  checkTypePattern,
  type DeadLetterFilter,
  DeadLetterState,
  enumText,
  isId,
  Outcome,
} from '@hookline/contracts';
import type { DeadLetterStateText } from '@hookline/event-log';
import { checkCount, invalid, refuseUnless } from './faults.ts';

/** Checks a filter whose fields are named below `path`. @throws DomainError that names the faulty one */
export function checkFilter(path: string, filter: DeadLetterFilter): void {
  checkCount(`${path}.subscription_ids`, filter.subscriptionIds);
  checkCount(`${path}.event_types`, filter.eventTypes);
  checkCount(`${path}.subjects`, filter.subjects);
  checkCount(`${path}.outcomes`, filter.outcomes);
  for (const [index, pattern] of filter.eventTypes.entries()) {
    const detail = checkTypePattern(pattern);
    if (detail !== undefined) throw invalid({ field: `${path}.event_types[${index}]`, detail });
  }
  for (const outcome of filter.outcomes) {
    refuseUnless(enumText(Outcome, 'OUTCOME_', outcome) !== undefined, {
      field: `${path}.outcomes`,
      detail: 'holds an unknown outcome',
    });
  }
  refuseUnless(filter.incidentId === '' || isId('inc', filter.incidentId), {
    field: `${path}.incident_id`,
    detail: 'is no id of an incident; send one such as inc_01h…, as it stands in the list',
  });
}

/** The states that a list asks for; without any, those that somebody should look at. */
export function statesOf(states: readonly DeadLetterState[]): DeadLetterStateText[] {
  if (states.length === 0) return ['open', 'redriving'];
  return states.map((state) => {
    const text = enumText(DeadLetterState, 'DEAD_LETTER_STATE_', state);
    if (text === undefined) throw invalid({ field: 'states', detail: 'holds an unknown state' });
    return text as DeadLetterStateText;
  });
}
