import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeadLetterState,
  DeliveryState,
  enumTexts,
  GrpcPhase,
  GrpcStatus,
  IncidentKind,
  IncidentState,
  Ordering,
  Outcome,
  RejectedState,
  ReplayState,
  RetryPreset,
  Role,
  State,
} from '@hookline/contracts';
import { formatNames } from '@hookline/webhook-formats';
import { findCommand } from './command/find-command.ts';
import { commandHelp, groupHelp, programHelp } from './command/help.ts';
import { parseArguments } from './command/parse-arguments.ts';
import * as words from './specs/common.ts';
import { commandGroups } from './table.ts';

const commands = commandGroups.flatMap((group) => group.commands);

/** As a shell splits it, as far as examples go: words, single quotes, and what follows `>`. */
function split(line: string): string[] {
  const [command = ''] = line.split(' > ');
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
}

test('every command explains itself, with examples that it takes', () => {
  for (const { spec } of commands) {
    const help = commandHelp(spec);
    assert.ok(spec.examples.length > 0, `${spec.name} has an example`);
    assert.match(help, new RegExp(`^Usage: npx pnpm hookline ${spec.name}`));
    for (const { line } of spec.examples) {
      assert.ok(help.includes(line), line);
      const found = findCommand(commandGroups, split(line));
      assert.equal(found.kind, 'command', line);
      if (found.kind === 'command') {
        assert.equal(found.command.spec, spec, line);
        assert.doesNotThrow(() => parseArguments(spec, found.args), line);
      }
    }
  }
});

test('help of the whole names every group, and help of a group every command', () => {
  const whole = programHelp(commandGroups);
  for (const group of commandGroups) {
    assert.ok(whole.includes(`\n  ${group.name} `), group.name);
    const help = groupHelp(group);
    for (const { spec } of group.commands)
      assert.ok(help.includes(spec.summary.slice(0, 30)), spec.name);
  }
  const names = commands.map(({ spec }) => spec.name);
  assert.equal(new Set(names).size, names.length, 'no name is there twice');
});

test('the words that flags take are those of the protos', () => {
  const pairs: [readonly string[], Record<string, number>, string][] = [
    [words.STATUSES, GrpcStatus, 'STATUS_'],
    [words.PHASES, GrpcPhase, 'PHASE_'],
    [words.SUBSCRIPTION_STATES, State, 'STATE_'],
    [words.ORDERINGS, Ordering, 'ORDERING_'],
    [words.RETRY_PRESETS, RetryPreset, 'RETRY_PRESET_'],
    [words.DELIVERY_STATES, DeliveryState, 'DELIVERY_STATE_'],
    [words.OUTCOMES, Outcome, 'OUTCOME_'],
    [words.REPLAY_STATES, ReplayState, 'REPLAY_STATE_'],
    [words.DEAD_LETTER_STATES, DeadLetterState, 'DEAD_LETTER_STATE_'],
    [words.REJECTED_STATES, RejectedState, 'REJECTED_STATE_'],
    [words.INCIDENT_STATES, IncidentState, 'INCIDENT_STATE_'],
    [words.INCIDENT_KINDS, IncidentKind, 'INCIDENT_KIND_'],
    [words.ROLES, Role, 'ROLE_'],
  ];
  for (const [own, values, prefix] of pairs) assert.deepEqual(own, enumTexts(values, prefix));
  assert.deepEqual([...words.FORMATS].sort(), [...formatNames].sort());
});
