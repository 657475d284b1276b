import { Accordion, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import type { FieldProps } from './form.ts';
import { OWN_DELAYS } from './form-values.ts';

const PRESETS = [
  { value: '', label: 'As the format has it' },
  { value: 'standard', label: 'Standard: ten attempts in three days, then a dead letter' },
  { value: 'cdhosting', label: 'CDHosting: five attempts in two and a half hours, then disabled' },
  { value: 'none', label: 'None: one attempt, as VirtFusion and Xen Orchestra do' },
  { value: OWN_DELAYS, label: 'Waits of my own' },
];
const DISABLING = [
  { value: 'preset', label: 'As the preset has it' },
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No, keep trying' },
];

/** What happens when an attempt fails, and who is told. */
export function RetryFields({ form }: FieldProps) {
  return (
    <Accordion.Item value="retry">
      <Accordion.Control>Retries and alerts</Accordion.Control>
      <Accordion.Panel>
        <Stack>
          <Select
            label="Retries"
            data={PRESETS}
            allowDeselect={false}
            {...form.getInputProps('preset')}
          />
          {form.values.preset === OWN_DELAYS && (
            <TextInput
              label="Waits"
              description="Seconds from the end of each failed attempt to the next, parted by commas; at most 30."
              placeholder="5, 60, 300"
              {...form.getInputProps('delays')}
            />
          )}
          <TextInput
            label="Attempts at most"
            description="The first included. Leave it empty for as many as the schedule has."
            inputMode="numeric"
            {...form.getInputProps('attemptsMax')}
          />
          <Select
            label="May failures disable it?"
            data={DISABLING}
            allowDeselect={false}
            {...form.getInputProps('mayDisable')}
          />
          <TagsInput
            label="E-mail addresses"
            description="Who is told when it is disabled. None: the tenant's contacts."
            placeholder="ops@example.com"
            acceptValueOnBlur
            {...form.getInputProps('emails')}
            value={[...form.values.emails]}
          />
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
