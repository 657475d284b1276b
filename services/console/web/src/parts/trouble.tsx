import { Alert } from '@mantine/core';
import { isProblem, wordsOf } from '../api/problem.ts';

/** What went wrong, with the fields at fault; nothing when nothing did. */
export function Trouble({ error }: { readonly error: unknown }) {
  if (error === null || error === undefined) return null;
  const fields = isProblem(error) ? error.fields.filter(({ field }) => field !== '') : [];
  return (
    <Alert variant="default" role="alert" title="That did not work" my="sm">
      {wordsOf(error)}
      {fields.length > 1 && (
        <ul>
          {fields.map(({ field, detail }) => (
            <li key={field}>
              <code>{field}</code>: {detail}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  );
}
