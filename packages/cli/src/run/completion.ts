import type { Run } from '../command/command.ts';
import { completionScript } from '../command/completion-scripts.ts';
import { exitCodes } from '../output/exit-codes.ts';
import type { completionSpec } from '../specs/tool-specs.ts';
import { commandGroups } from '../table.ts';

export const completion: Run<typeof completionSpec> = async (
  { arguments: { shell } },
  { output },
) => {
  for (const line of completionScript(shell, commandGroups).trimEnd().split('\n'))
    output.line(line);
  return exitCodes.done;
};
