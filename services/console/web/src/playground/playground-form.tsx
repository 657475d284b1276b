import { Autocomplete, Select, Textarea, TextInput } from '@mantine/core';
import { guideOf } from '../webhooks/format-guide.ts';
import { useEventTypes, useFormats } from '../webhooks/use-formats.ts';
import type { TrialValues } from './trial-values.ts';

interface Props {
  readonly values: TrialValues;
  readonly onChange: (values: TrialValues) => void;
}

const ENDINGS = [
  { value: 'success', label: 'after, succeeded' },
  { value: 'fail', label: 'after, failed' },
  { value: 'pre', label: 'before' },
];

/** What to try. */
export function PlaygroundForm({ values, onChange }: Props) {
  const formats = useFormats();
  const types = useEventTypes();
  const format = formats.find(({ name }) => name === values.format);
  const set = (change: Partial<TrialValues>) => onChange({ ...values, ...change });
  const text = (name: 'data' | 'subject' | 'url' | 'secret' | 'token') => ({
    value: values[name],
    onChange: (changed: { readonly currentTarget: { readonly value: string } }) =>
      set({ [name]: changed.currentTarget.value }),
  });

  function choose(type: string) {
    const example = types.find((entry) => entry.type === type)?.example_data;
    set({ type, ...(example !== undefined && { data: JSON.stringify(example, undefined, 2) }) });
  }

  return (
    <>
      <Select
        label="Format"
        description={guideOf(values.format).about}
        data={formats.map(({ name }) => ({ value: name, label: guideOf(name).title }))}
        allowDeselect={false}
        searchable
        value={values.format}
        onChange={(name) => set({ format: name ?? 'standard', options: {} })}
      />
      <Autocomplete
        label="Event type"
        data={types.map(({ type }) => type)}
        limit={100}
        value={values.type}
        onChange={choose}
      />
      <Select
        label="When"
        data={ENDINGS}
        allowDeselect={false}
        value={values.ending}
        onChange={(ending) => set({ ending: (ending ?? 'success') as TrialValues['ending'] })}
      />
      <TextInput label="Server" {...text('subject')} />
      <Textarea
        label="Data"
        autosize
        minRows={4}
        maxRows={14}
        spellCheck={false}
        {...text('data')}
      />
      {format?.options.map((option) => (
        <TextInput
          key={option.name}
          label={option.name.replaceAll('_', ' ')}
          description={option.description}
          placeholder={option.default}
          required={option.is_required}
          value={values.options[option.name] ?? ''}
          onChange={(changed) =>
            set({ options: { ...values.options, [option.name]: changed.currentTarget.value } })
          }
        />
      ))}
      {format?.needs_bearer_token && (
        <TextInput label="Application token" required {...text('token')} />
      )}
      <TextInput label="Secret" description="Empty: one is made." {...text('secret')} />
      <TextInput label="URL" description="Needed to send it." {...text('url')} />
    </>
  );
}
