import type { CommandGroup } from './command/command.ts';
import { agentCommands, auditCommands, keyCommands } from './specs/admin-specs.ts';
import { deadLetterCommands } from './specs/dead-letter-specs.ts';
import { deliveryCommands } from './specs/delivery-specs.ts';
import { eventCommands } from './specs/event-specs.ts';
import { replayCommands } from './specs/replay-specs.ts';
import { subscriptionCommands } from './specs/subscription-specs.ts';
import { tenantCommands } from './specs/tenant-specs.ts';
import { toolCommands } from './specs/tool-specs.ts';

/** Every command there is: parsing, help, completion and docs/cli.md are made of this table. */
export const commandGroups: readonly CommandGroup[] = [
  eventCommands,
  subscriptionCommands,
  deliveryCommands,
  replayCommands,
  deadLetterCommands,
  toolCommands.listen,
  toolCommands.verify,
  toolCommands.doctor,
  agentCommands,
  keyCommands,
  tenantCommands,
  auditCommands,
  toolCommands.projections,
  toolCommands.secrets,
  toolCommands.migrate,
  toolCommands.completion,
];
