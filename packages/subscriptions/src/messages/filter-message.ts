import {
  type AttributeExpression as AttributeExpressionMessage,
  type EventStatus,
  enumText,
  enumValue,
  type Filter,
  GrpcPhase,
  GrpcStatus,
  type Phase,
} from '@hookline/contracts';
import type { AttributeExpression, SubscriptionFilter } from '../domain/filter.ts';

/** Deeper nesting is refused by the check; nothing beyond it has to be read. */
const DEPTH_READ_MAX = 10;

/**
 * A filter as a client wrote it, for the check. Nothing is refused here: an enum's number that this
 * version does not know goes on as a word that the check will name.
 */
export function readFilterMessage(filter: Filter): SubscriptionFilter {
  return {
    types: filter.types,
    statuses: filter.statuses.map((each) => word(GrpcStatus, 'STATUS_', each) as EventStatus),
    phases: filter.phases.map((each) => word(GrpcPhase, 'PHASE_', each) as Phase),
    subjects: filter.subjects,
    attributes: filter.attributes.map((each) => toExpression(each, 1)),
  };
}

function toExpression(message: AttributeExpressionMessage, depth: number): AttributeExpression {
  const { expression } = message;
  // An expression that is none: the check names it, as it does every other fault.
  const none = {} as AttributeExpression;
  if (expression === undefined || depth > DEPTH_READ_MAX) return none;
  const list = (messages: readonly AttributeExpressionMessage[]) =>
    messages.map((each) => toExpression(each, depth + 1));
  switch (expression.$case) {
    case 'exact':
      return { exact: expression.value.values };
    case 'prefix':
      return { prefix: expression.value.values };
    case 'suffix':
      return { suffix: expression.value.values };
    case 'all':
      return { all: list(expression.value.expressions) };
    case 'any':
      return { any: list(expression.value.expressions) };
    case 'not':
      return { not: toExpression(expression.value, depth + 1) };
  }
}

function word(values: Readonly<Record<string, number>>, prefix: string, value: number): string {
  return enumText(values, prefix, value) ?? String(value);
}

/** A filter as the API shows it. */
export function toFilterMessage(filter: SubscriptionFilter): Filter {
  return {
    types: [...filter.types],
    statuses: filter.statuses.flatMap((status) => enumValue(GrpcStatus, 'STATUS_', status) ?? []),
    phases: filter.phases.flatMap((phase) => enumValue(GrpcPhase, 'PHASE_', phase) ?? []),
    subjects: [...filter.subjects],
    attributes: filter.attributes.map(toExpressionMessage),
  };
}

function toExpressionMessage(expression: AttributeExpression): AttributeExpressionMessage {
  const list = (expressions: readonly AttributeExpression[]) => ({
    expressions: expressions.map(toExpressionMessage),
  });
  if ('exact' in expression) {
    return { expression: { $case: 'exact', value: { values: { ...expression.exact } } } };
  }
  if ('prefix' in expression) {
    return { expression: { $case: 'prefix', value: { values: { ...expression.prefix } } } };
  }
  if ('suffix' in expression) {
    return { expression: { $case: 'suffix', value: { values: { ...expression.suffix } } } };
  }
  if ('all' in expression) return { expression: { $case: 'all', value: list(expression.all) } };
  if ('any' in expression) return { expression: { $case: 'any', value: list(expression.any) } };
  return { expression: { $case: 'not', value: toExpressionMessage(expression.not) } };
}
