import { Button } from '@mantine/core';
import type { AuditJson } from '../api/types.ts';

interface Props {
  readonly entry: AuditJson;
  readonly onShow: (entry: AuditJson) => void;
}

/** How many fields an entry changed; shows them when pressed. */
export function ChangesButton({ entry, onShow }: Props) {
  const fields = Object.keys(entry.changes).length;
  if (fields === 0) return null;
  return (
    <Button size="compact-xs" variant="default" onClick={() => onShow(entry)}>
      {fields}
    </Button>
  );
}
