import { Accordion, Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { isProblem } from '../api/problem.ts';
import { Trouble } from '../parts/trouble.tsx';
import { AuthFields } from './auth-fields.tsx';
import { EventsField } from './events-field.tsx';
import type { WebhookValues } from './form-values.ts';
import { FormatField } from './format-field.tsx';
import { guideOf } from './format-guide.ts';
import { MoreFields } from './more-fields.tsx';
import { OptionFields } from './option-fields.tsx';
import { PhaseFields } from './phase-fields.tsx';
import { RetryFields } from './retry-fields.tsx';

interface Props {
  readonly initial: WebhookValues;
  /** A webhook that is there keeps its secret; it is rotated, not edited. */
  readonly isNew: boolean;
  readonly submitLabel: string;
  /** Throws what the server refused. */
  readonly onSubmit: (values: WebhookValues) => Promise<void>;
}

/** The members of the API that a field of the form stands for, where they are called otherwise. */
const FIELDS: Readonly<Record<string, keyof WebhookValues>> = {
  auth: 'authValue',
  retry: 'delays',
  notification_emails: 'emails',
};

/** Sets a webhook up: its format first, since what follows depends on it. */
export function WebhookForm({ initial, isNew, submitLabel, onSubmit }: Props) {
  const form = useForm<WebhookValues>({
    initialValues: initial,
    validate: {
      url: (url) => (URL.canParse(url.trim()) ? null : 'Give a whole URL, with https://'),
      events: (events) => (events.length > 0 ? null : 'Choose at least one, or * for all'),
    },
  });
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const guide = guideOf(form.values.format);

  async function submit(values: WebhookValues) {
    setBusy(true);
    setError(undefined);
    try {
      await onSubmit(values);
    } catch (refused) {
      setError(refused);
      if (isProblem(refused)) form.setErrors(faultsOf(refused.fields));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Stack maw={720}>
        <FormatField form={form} />
        <TextInput
          label="URL"
          description="Where requests go: https, at a public address, or in a network that the operator allows."
          placeholder={guide.url}
          required
          {...form.getInputProps('url')}
        />
        <EventsField form={form} />
        <PhaseFields form={form} guide={guide} />
        <OptionFields form={form} />
        {isNew && (
          <TextInput
            label="Secret"
            description="Leave it empty and Hookline makes one, which it shows once. At least 8 characters, better 24."
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('secret')}
          />
        )}
        <Textarea
          label="Description"
          description="A note for people."
          autosize
          {...form.getInputProps('description')}
        />
        <Accordion variant="contained" multiple>
          <AuthFields form={form} />
          <RetryFields form={form} />
          <MoreFields form={form} />
        </Accordion>
        <Trouble error={error} />
        <Group>
          <Button type="submit" loading={isBusy}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function faultsOf(fields: readonly { readonly field: string; readonly detail: string }[]) {
  return Object.fromEntries(
    fields.map(({ field, detail }) => {
      const [member = ''] = field.split(/[.[]/);
      return [field.startsWith('options.') ? field : (FIELDS[member] ?? member), detail];
    }),
  );
}
