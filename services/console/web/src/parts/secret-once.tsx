import { Alert, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Code } from './code.tsx';

interface Props {
  readonly title: string;
  readonly secret: string;
  readonly children?: ReactNode;
}

/** A secret that is shown now and never again. */
export function SecretOnce({ title, secret, children }: Props) {
  return (
    <Alert variant="default" title={title} role="status" my="sm">
      <Stack gap="xs">
        <span>Copy it now: it is never shown again.</span>
        <Code text={secret} label={title} />
        {children}
      </Stack>
    </Alert>
  );
}
