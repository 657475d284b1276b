import { Accordion, Checkbox, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import type { FieldProps } from './form.ts';

const KINDS = [
  { value: 'none', label: 'None: the signature is enough' },
  { value: 'bearer', label: 'Bearer token' },
  { value: 'basic', label: 'User name and password' },
  { value: 'header', label: 'A header of your own' },
];
const KEPT = { value: 'kept', label: 'Keep the credential that it has' };

/** How requests authenticate at the endpoint, besides their signature. */
export function AuthFields({ form }: FieldProps) {
  const { authKind: kind } = form.values;
  const hadAny = form.getInitialValues().authKind === 'kept';
  const hasValue = kind === 'bearer' || kind === 'basic' || kind === 'header';
  return (
    <Accordion.Item value="auth">
      <Accordion.Control>Authentication</Accordion.Control>
      <Accordion.Panel>
        <Stack>
          <Select
            label="At the endpoint"
            data={hadAny ? [KEPT, ...KINDS] : KINDS}
            allowDeselect={false}
            {...form.getInputProps('authKind')}
          />
          {(kind === 'basic' || kind === 'header') && (
            <TextInput
              label={kind === 'basic' ? 'User name' : 'Header name'}
              {...form.getInputProps('authName')}
            />
          )}
          {hasValue && (
            <PasswordInput
              label={kind === 'bearer' ? 'Token' : kind === 'basic' ? 'Password' : 'Value'}
              description="It is sealed, and never shown again."
              autoComplete="off"
              visibilityToggleButtonProps={{ 'aria-label': 'Show it' }}
              {...form.getInputProps('authValue')}
            />
          )}
          {kind === 'bearer' && (
            <Checkbox
              label="Encode it in base64, as VirtFusion does"
              {...form.getInputProps('authBase64', { type: 'checkbox' })}
            />
          )}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
