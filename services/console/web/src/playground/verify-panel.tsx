import { Stack, Tabs, Text, Title } from '@mantine/core';
import { Code } from '../parts/code.tsx';
import type { TrialJson } from './trial.ts';
import { verifyCommand } from './verify-command.ts';
import { verifyPrograms } from './verify-programs.ts';

/** The code that verifies a request, in five languages, and the command that does it now. */
export function VerifyPanel({ trial }: { readonly trial: TrialJson }) {
  const isSigned = verifyCommand(trial, '') !== undefined;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        Verify it
      </Title>
      {!isSigned ? (
        <Text size="sm">
          A message to a chat service carries no signature: its URL is its secret.
        </Text>
      ) : (
        <Tabs defaultValue="Node" keepMounted={false}>
          <Tabs.List>
            {verifyPrograms.map(({ name }) => (
              <Tabs.Tab key={name} value={name}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {verifyPrograms.map(({ name, file, run, text }) => (
            <Tabs.Panel key={name} value={name} pt="xs">
              <Stack gap="xs">
                <Text size="sm">
                  With <code>{file}</code>, this verifies the request within five minutes:
                </Text>
                <Code text={verifyCommand(trial, run) ?? ''} label={`Command, ${name}`} />
                <Code text={text} label={file} />
              </Stack>
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
    </Stack>
  );
}
