import { Select } from '@mantine/core';
import type { FieldProps } from './form.ts';
import { guideOf } from './format-guide.ts';
import { useFormats } from './use-formats.ts';

/** What requests look like. */
export function FormatField({ form }: FieldProps) {
  const guides = useFormats().map(({ name }) => guideOf(name));
  const data = [...Map.groupBy(guides, ({ group }) => group)].map(([group, ofGroup]) => ({
    group,
    items: ofGroup.map(({ name, title }) => ({ value: name, label: title })),
  }));
  return (
    <Select
      label="Format"
      description={guideOf(form.values.format).about}
      data={data}
      required
      allowDeselect={false}
      searchable
      {...form.getInputProps('format')}
      onChange={(format) => {
        form.setFieldValue('format', format ?? 'standard');
        // Options belong to a format.
        form.setFieldValue('options', {});
      }}
    />
  );
}
