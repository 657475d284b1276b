import { TagsInput } from '@mantine/core';
import type { EventTypeJson } from '../api/types.ts';
import type { FieldProps } from './form.ts';
import { guideOf } from './format-guide.ts';
import { useEventTypes } from './use-formats.ts';

const SHOWN_MAX = 200;

/** Which events: from the catalogue, by search, or whatever one types. */
export function EventsField({ form }: FieldProps) {
  const types = useEventTypes();
  const { format } = form.values;
  const data = suggestionsOf(types, format);
  return (
    <TagsInput
      label="Events"
      description="Choose from the catalogue or type a pattern: server.* for all of a kind, * for everything. Enter adds it."
      placeholder="server.started"
      data={data}
      limit={SHOWN_MAX}
      required
      acceptValueOnBlur
      splitChars={[',', ' ']}
      renderOption={({ option }) => <Suggestion value={option.value} types={types} />}
      {...form.getInputProps('events')}
      value={[...form.values.events]}
    />
  );
}

function suggestionsOf(types: readonly EventTypeJson[], format: string) {
  const canonical = types.map(({ type }) => type);
  const groups = [...new Set(types.map(({ group }) => `${group}.*`))];
  const { style } = guideOf(format);
  if (style === 'types')
    return [
      { group: 'Patterns', items: ['*', ...groups] },
      { group: 'Catalogue', items: canonical },
    ];
  const own = [
    ...new Set(
      types.flatMap(({ source_names }) =>
        source_names.filter((source) => source.format === style).map(({ name }) => name),
      ),
    ),
  ].filter((name) => !canonical.includes(name));
  const all = style === 'virtfusion' ? ['*', 'catch.all'] : ['*'];
  return [
    { group: 'Patterns', items: [...all, ...groups] },
    { group: guideOf(format).title, items: own },
    { group: 'Catalogue', items: canonical },
  ];
}

function Suggestion({
  value,
  types,
}: {
  readonly value: string;
  readonly types: readonly EventTypeJson[];
}) {
  const known = types.find(({ type }) => type === value);
  return (
    <span>
      <code>{value}</code> {known?.title}
    </span>
  );
}
