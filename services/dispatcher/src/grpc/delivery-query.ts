import {
  DeliveryState,
  DomainError,
  enumText,
  type FieldViolation,
  isId,
  type ListDeliveriesRequest,
  Outcome,
} from '@hookline/contracts';
import { idBound } from '../domain/id-bound.ts';
import type { DeliveryQuery } from '../postgres/list-deliveries.ts';
import { typeExpressions, typePatternFaults } from './type-expressions.ts';

/**
 * What ListDeliveries asks for, within a tenant; `goOnBefore` is where the page before ended. Throws
 * DomainError `invalid_argument` that names every faulty field.
 */
export function readDeliveryQuery(
  tenant: string,
  request: ListDeliveriesRequest,
  goOnBefore: string | undefined,
): Omit<DeliveryQuery, 'limit'> {
  const { subscriptionId, eventId, subject, states, outcomes, eventTypes } = request;
  const { startTime, endTime } = request;
  refuse([
    ...checkId('subscription_id', 'sub', subscriptionId),
    ...checkId('event_id', 'evt', eventId),
    ...states.flatMap((state, index) => checkKnown(`states[${index}]`, state, stateText)),
    ...outcomes.flatMap((outcome, index) => checkKnown(`outcomes[${index}]`, outcome, outcomeText)),
    ...typePatternFaults('event_types', eventTypes),
  ]);
  const before = goOnBefore ?? (endTime && idBound('dlv', endTime.getTime()));
  return {
    tenant,
    ...(before !== undefined && { before }),
    ...(startTime !== undefined && { from: idBound('dlv', startTime.getTime()) }),
    ...(subscriptionId !== '' && { subscriptionId }),
    ...(eventId !== '' && { eventId }),
    ...(subject !== '' && { subject }),
    ...(states.length > 0 && { states: states.flatMap((state) => stateText(state) ?? []) }),
    ...(outcomes.length > 0 && {
      outcomes: outcomes.flatMap((outcome) => outcomeText(outcome) ?? []),
    }),
    ...(eventTypes.length > 0 && { typePatterns: typeExpressions('event_types', eventTypes) }),
  };
}

const stateText = (state: number) => enumText(DeliveryState, 'DELIVERY_STATE_', state);
const outcomeText = (outcome: number) => enumText(Outcome, 'OUTCOME_', outcome);

function checkId(field: string, prefix: 'sub' | 'evt', id: string): FieldViolation[] {
  if (id === '' || isId(prefix, id)) return [];
  return [{ field, detail: `is "${id}"; send an id such as ${prefix}_01h…` }];
}

function checkKnown(
  field: string,
  value: number,
  textOf: (value: number) => string | undefined,
): FieldViolation[] {
  if (textOf(value) !== undefined) return [];
  return [{ field, detail: `is ${value}, which is not one of its values` }];
}

function refuse(fields: readonly FieldViolation[]): void {
  const [first] = fields;
  if (first === undefined) return;
  throw new DomainError('invalid_argument', `${first.field} ${first.detail}`, { fields });
}
