import { ATTRIBUTE_LENGTH_MAX, type FieldViolation } from '@hookline/contracts';
import type { WebhookFormat } from '@hookline/webhook-formats';
import { countFault, faultAt, textFault } from './check-texts.ts';
import type { AttributeExpression, AttributeValues, SubscriptionFilter } from './filter.ts';

const TYPES_MAX = 100;
const SUBJECTS_MAX = 1_000;
const EXPRESSIONS_MAX = 20;
const DEPTH_MAX = 5;
const COMPARISONS_MAX = 100;
const LIST_MAX = 20;

/** Formats whose receivers know nothing of what is about to happen. */
const POST_ONLY: ReadonlySet<string> = new Set(['cdhosting', 'virtfusion']);

const ATTRIBUTE_NAME = /^[a-z0-9]{1,20}$/;
const DATA_PATH = /^data(\.[^.\p{Cc}]+)+$/u;

/** All faults of a filter, with fields under `filter`; without a format, those that any would have. */
export function checkFilter(
  filter: SubscriptionFilter,
  format: WebhookFormat | undefined,
): FieldViolation[] {
  return [
    ...checkTypes(filter.types, format),
    ...checkWords('filter.statuses', filter.statuses, ['success', 'fail']),
    ...checkWords('filter.phases', filter.phases, ['pre', 'post']),
    ...checkPhasesOfFormat(filter, format),
    ...checkSubjects(filter.subjects),
    ...checkAttributes(filter.attributes),
  ];
}

function checkTypes(types: readonly string[], format: WebhookFormat | undefined): FieldViolation[] {
  const field = 'filter.types';
  if (types.length === 0) {
    return faultAt(
      field,
      'no event type is given; list at least one, for instance "server.started", "server.*", or "*" for everything',
    );
  }
  const tooMany = countFault(types.length, { max: TYPES_MAX, what: 'types' });
  if (tooMany !== undefined)
    return faultAt(field, `${tooMany}; a pattern such as "server.*" takes many at once`);
  return types.flatMap((pattern, index) =>
    faultAt(`${field}[${index}]`, format?.checkFilterPattern(pattern)),
  );
}

function checkWords(field: string, words: readonly string[], known: readonly string[]) {
  return words.flatMap((word, index) =>
    known.includes(word)
      ? []
      : faultAt(`${field}[${index}]`, `"${word}" is not known; use ${known.join(' or ')}`),
  );
}

function checkPhasesOfFormat({ phases }: SubscriptionFilter, format: WebhookFormat | undefined) {
  if (
    format === undefined ||
    !POST_ONLY.has(format.name) ||
    !phases.includes('pre') ||
    phases.includes('post')
  )
    return [];
  return faultAt(
    'filter.phases',
    `the format "${format.name}" sends nothing of phase pre, so that this filter takes no event; leave phases empty`,
  );
}

function checkSubjects(subjects: readonly string[]): FieldViolation[] {
  const field = 'filter.subjects';
  const tooMany = countFault(subjects.length, { max: SUBJECTS_MAX, what: 'subjects' });
  if (tooMany !== undefined) return faultAt(field, tooMany);
  return subjects.flatMap((subject, index) =>
    faultAt(`${field}[${index}]`, textFault(subject, { min: 1, max: ATTRIBUTE_LENGTH_MAX })),
  );
}

function checkAttributes(expressions: readonly AttributeExpression[]): FieldViolation[] {
  const field = 'filter.attributes';
  const tooMany = countFault(expressions.length, { max: EXPRESSIONS_MAX, what: 'expressions' });
  if (tooMany !== undefined) return faultAt(field, tooMany);
  const faults = expressions.flatMap((expression, index) =>
    checkExpression(expression, `${field}[${index}]`, 1),
  );
  if (faults.length > 0) return faults;
  const comparisons = expressions.reduce((sum, expression) => sum + comparisonsOf(expression), 0);
  return faultAt(
    field,
    countFault(comparisons, { max: COMPARISONS_MAX, what: 'comparisons in all' }),
  );
}

function checkExpression(
  expression: AttributeExpression,
  field: string,
  depth: number,
): FieldViolation[] {
  if (depth > DEPTH_MAX) {
    return faultAt(field, `expressions nest at most ${DEPTH_MAX} deep; write it flatter`);
  }
  if ('exact' in expression) return checkValues(expression.exact, `${field}.exact`);
  if ('prefix' in expression) return checkValues(expression.prefix, `${field}.prefix`);
  if ('suffix' in expression) return checkValues(expression.suffix, `${field}.suffix`);
  if ('not' in expression) return checkExpression(expression.not, `${field}.not`, depth + 1);
  if ('all' in expression) return checkList(expression.all, `${field}.all`, depth);
  if ('any' in expression) return checkList(expression.any, `${field}.any`, depth);
  return faultAt(field, 'it is empty; give exactly one of exact, prefix, suffix, all, any, not');
}

function checkList(
  list: readonly AttributeExpression[],
  field: string,
  depth: number,
): FieldViolation[] {
  if (list.length === 0) return faultAt(field, 'the list is empty; give 1 to 20 expressions');
  const tooMany = countFault(list.length, { max: LIST_MAX, what: 'expressions' });
  if (tooMany !== undefined) return faultAt(field, tooMany);
  return list.flatMap((part, index) => checkExpression(part, `${field}[${index}]`, depth + 1));
}

function checkValues(values: AttributeValues, field: string): FieldViolation[] {
  const entries = Object.entries(values);
  if (entries.length === 0) return faultAt(field, 'it names no attribute; give 1 to 20');
  const tooMany = countFault(entries.length, { max: LIST_MAX, what: 'attributes' });
  if (tooMany !== undefined) return faultAt(field, tooMany);
  return entries.flatMap(([name, value]) => [
    ...faultAt(field, attributeNameFault(name)),
    ...faultAt(`${field}.${name}`, textFault(value, { min: 1, max: ATTRIBUTE_LENGTH_MAX })),
  ]);
}

function attributeNameFault(name: string): string | undefined {
  if (name.length <= ATTRIBUTE_LENGTH_MAX && (ATTRIBUTE_NAME.test(name) || DATA_PATH.test(name))) {
    return undefined;
  }
  return `${JSON.stringify(name.slice(0, 64))} is no attribute; use the name of a CloudEvents attribute or extension (a-z, 0-9, at most 20 characters), or a path into the payload such as "data.server.hypervisor"`;
}

function comparisonsOf(expression: AttributeExpression): number {
  if ('exact' in expression) return Object.keys(expression.exact).length;
  if ('prefix' in expression) return Object.keys(expression.prefix).length;
  if ('suffix' in expression) return Object.keys(expression.suffix).length;
  if ('not' in expression) return comparisonsOf(expression.not);
  const list = 'all' in expression ? expression.all : expression.any;
  return list.reduce((sum, part) => sum + comparisonsOf(part), 0);
}
