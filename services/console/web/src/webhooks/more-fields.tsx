import { Accordion, Textarea } from '@mantine/core';
import type { FieldProps } from './form.ts';

/** What few need. */
export function MoreFields({ form }: FieldProps) {
  return (
    <Accordion.Item value="more">
      <Accordion.Control>Further headers</Accordion.Control>
      <Accordion.Panel>
        <Textarea
          label="Headers"
          description="One a line, as in X-Shop: 7. What Hookline sets itself cannot be replaced."
          autosize
          minRows={2}
          {...form.getInputProps('headers')}
        />
      </Accordion.Panel>
    </Accordion.Item>
  );
}
