import {
  DeadLetterFilter,
  type DeadLetterSelection,
  DeadLetterState,
  DiscardDeadLettersRequest,
  DomainError,
  ListDeadLettersRequest,
  Outcome,
  RedriveDeadLettersRequest,
} from '@hookline/contracts';
import { enumNumbers } from './enum-numbers.ts';
import { type PageQuery, toPageRequest } from './pages.ts';
import { instantOf } from './times.ts';

type OneOrSeveral = string | readonly string[];

/** Which dead letters; in a query each member is a list, in a body one value or a list. */
export interface DeadLetterFilterInput {
  readonly webhook_id?: OneOrSeveral;
  readonly type?: OneOrSeveral;
  readonly subject?: OneOrSeveral;
  readonly outcome?: OneOrSeveral;
  readonly incident_id?: string;
  readonly from?: string;
  readonly to?: string;
}

export interface DeadLettersQuery extends PageQuery, DeadLetterFilterInput {
  readonly state?: readonly string[];
}

interface SelectionInput {
  readonly ids?: readonly string[];
  readonly filter?: DeadLetterFilterInput;
}

/** The body of `POST /v1/dead-letters/discard`. */
export interface DiscardInput extends SelectionInput {
  readonly reason: string;
}

/** The body of `POST /v1/dead-letters/redrive`. */
export interface RedriveInput extends SelectionInput {
  readonly deliveries_per_second?: number;
  readonly description?: string;
}

/** What is asked of the service by a query. */
export function toDeadLettersRequest(query: DeadLettersQuery): ListDeadLettersRequest {
  const request = ListDeadLettersRequest.create(toPageRequest(query));
  request.filter = toFilter(query);
  request.states = enumNumbers(DeadLetterState, 'DEAD_LETTER_STATE_', query.state);
  return request;
}

/** What is asked of the service by a body. @throws DomainError unless it has either ids or a filter */
export function toRedriveRequest(input: RedriveInput, requestId: string) {
  return RedriveDeadLettersRequest.fromPartial({
    selection: toSelection(input),
    deliveriesPerSecond: input.deliveries_per_second,
    description: input.description ?? '',
    requestId,
  });
}

/** What is asked of the service by a body. @throws DomainError unless it has either ids or a filter */
export function toDiscardRequest(input: DiscardInput) {
  const { reason } = input;
  return DiscardDeadLettersRequest.fromPartial({ selection: toSelection(input), reason });
}

function toSelection({ ids, filter }: SelectionInput): DeadLetterSelection {
  if ((ids === undefined) === (filter === undefined)) {
    const detail = 'send either "ids" or "filter"; {"filter":{}} selects every open one';
    throw new DomainError('invalid_argument', detail, {
      fields: [{ field: ids === undefined ? 'ids' : 'filter', detail }],
    });
  }
  return {
    selection:
      ids !== undefined
        ? { $case: 'ids', value: { ids: [...ids] } }
        : { $case: 'filter', value: toFilter(filter ?? {}) },
  };
}

function toFilter(input: DeadLetterFilterInput): DeadLetterFilter {
  return DeadLetterFilter.fromPartial({
    subscriptionIds: listOf(input.webhook_id),
    eventTypes: listOf(input.type),
    subjects: listOf(input.subject),
    outcomes: enumNumbers(Outcome, 'OUTCOME_', listOf(input.outcome)),
    incidentId: input.incident_id ?? '',
    startTime: instantOf(input.from),
    endTime: instantOf(input.to),
  });
}

function listOf(value: OneOrSeveral = []): string[] {
  return typeof value === 'string' ? [value] : [...value];
}
