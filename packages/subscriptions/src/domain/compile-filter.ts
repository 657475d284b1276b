import type { AcceptedEvent, EventStatus, Phase } from '@hookline/contracts';
import { attributeReader } from './attribute-values.ts';
import {
  type AttributeExpression,
  type AttributeValues,
  type SubscriptionFilter,
  takesPhase,
  takesStatus,
} from './filter.ts';

/** An event as one view of its format shows it. */
export interface SeenEvent {
  readonly event: AcceptedEvent;
  readonly phase: Phase;
  readonly status?: EventStatus;
}

type Test = (event: AcceptedEvent) => boolean;

/**
 * What a filter asks beyond type and subject, made into functions once, when the filter is filed:
 * an event then calls them and looks at no expression's shape or attribute's name again.
 */
export function compileFilter(filter: SubscriptionFilter): (seen: SeenEvent) => boolean {
  const [pre, post] = [takesPhase(filter, 'pre'), takesPhase(filter, 'post')];
  const [success, fail] = [takesStatus(filter, 'success'), takesStatus(filter, 'fail')];
  const holds = allOf(filter.attributes.map(compileExpression));
  return ({ event, phase, status }) => {
    if (phase === 'pre' ? !pre : !post) return false;
    if (status !== undefined && (status === 'success' ? !success : !fail)) return false;
    return holds(event);
  };
}

/** Whether an expression is true of an event. Attributes it has not make comparisons false. */
export function compileExpression(expression: AttributeExpression): Test {
  if ('exact' in expression) return compare(expression.exact, (text, want) => text === want);
  if ('prefix' in expression) {
    return compare(expression.prefix, (text, want) => text.startsWith(want));
  }
  if ('suffix' in expression) {
    return compare(expression.suffix, (text, want) => text.endsWith(want));
  }
  if ('all' in expression) return allOf(expression.all.map(compileExpression));
  if ('any' in expression) {
    const tests = expression.any.map(compileExpression);
    return (event) => tests.some((test) => test(event));
  }
  const test = compileExpression(expression.not);
  return (event) => !test(event);
}

function compare(values: AttributeValues, holds: (text: string, wanted: string) => boolean): Test {
  const comparisons = Object.entries(values).map(([name, wanted]): Test => {
    const read = attributeReader(name);
    return (event) => {
      const text = read(event);
      return text !== undefined && holds(text, wanted);
    };
  });
  return allOf(comparisons);
}

/** Most filters have no expression, and most expressions one comparison. */
function allOf(tests: readonly Test[]): Test {
  const [first, ...others] = tests;
  if (first === undefined) return always;
  if (others.length === 0) return first;
  return (event) => tests.every((test) => test(event));
}

function always(): boolean {
  return true;
}
