import { Outcome, TailAttemptsRequest } from '@hookline/contracts';
import type { Run } from '../command/command.ts';
import { Interrupted } from '../context.ts';
import { createPatience } from '../follow/patiently.ts';
import { exitCodes } from '../output/exit-codes.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { connect } from '../server/connect.ts';
import { message } from '../server/request.ts';
import type { tailSpec } from '../specs/delivery-specs.ts';
import { attemptJson, outcomeText } from '../views/delivery-view.ts';
import { type Json, shortTime, shown } from '../views/shared.ts';
import { numbersOf } from './enums.ts';

export const tailAttempts: Run<typeof tailSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  const { output, signal } = context;
  const patience = createPatience({ signal, onTrouble: (text) => output.note(text) });
  const request = message(TailAttemptsRequest, {
    subscriptionIds: [...options.subscription],
    eventTypes: [...options.type],
    outcomes: numbersOf(Outcome, 'OUTCOME_', options.outcome),
  });
  let hasBegun = false;
  for (;;) {
    try {
      for await (const { item } of connection.deliveries.tailAttempts(request, connection.call)) {
        patience.worked();
        if (!hasBegun) output.note('waiting for attempts; Ctrl-C ends it');
        hasBegun = true;
        if (item?.$case === 'attempt') printAttempt(output, attemptJson(item.value));
        if (item?.$case === 'gap') {
          output.note('some attempts were missed; deliveries list shows them');
        }
      }
      // A server that stops ends the stream in good order.
      await patience.pause(250);
    } catch (error) {
      if (signal.aborted || error instanceof Interrupted) return exitCodes.interrupted;
      await patience.failed(error);
    }
  }
};

function printAttempt(output: Output, attempt: Json): void {
  if (output.isJson) {
    output.jsonLine(attempt);
    return;
  }
  const isGood = attempt.outcome === 'succeeded';
  const parts = [
    shortTime(attempt, 'start_time'),
    shown(attempt, 'delivery_id'),
    shown(attempt, 'event_type'),
    `try ${attempt.number}`,
    `${attempt.duration_ms} ms`,
  ].map(printable);
  const outcome = output.colour(isGood ? 'green' : 'red', printable(outcomeText(attempt)));
  output.line([...parts, outcome, printable(String(attempt.error ?? ''))].join('  ').trimEnd());
}
