import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

interface Props {
  readonly title: string;
  /** One sentence on what the page is for. */
  readonly about?: ReactNode;
  /** Buttons. */
  readonly children?: ReactNode;
}

/** The heading of a page, which is also the name of its tab. */
export function PageTitle({ title, about, children }: Props) {
  useEffect(() => {
    document.title = `${title} – Hookline`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-start" mb="md">
      <Stack gap={2} style={{ minWidth: 0 }}>
        <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Title>
        {about !== undefined && (
          <Text size="sm" c="dimmed" maw={680}>
            {about}
          </Text>
        )}
      </Stack>
      <Group gap="xs">{children}</Group>
    </Group>
  );
}
