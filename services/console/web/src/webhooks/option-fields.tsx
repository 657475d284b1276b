import { TextInput } from '@mantine/core';
import type { FieldProps } from './form.ts';
import { useFormats } from './use-formats.ts';

/** The options of the chosen format. */
export function OptionFields({ form }: FieldProps) {
  const format = useFormats().find(({ name }) => name === form.values.format);
  return (format?.options ?? []).map((option) => (
    <TextInput
      key={option.name}
      label={option.name.replaceAll('_', ' ')}
      description={option.description}
      placeholder={option.default}
      required={option.is_required}
      value={form.values.options[option.name] ?? ''}
      error={form.errors[`options.${option.name}`]}
      onChange={(changed) =>
        form.setFieldValue('options', {
          ...form.values.options,
          [option.name]: changed.currentTarget.value,
        })
      }
    />
  ));
}
