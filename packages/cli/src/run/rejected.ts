import {
  IncidentKind,
  IncidentState,
  ListIncidentsRequest,
  ListRejectedRequest,
  RejectedState,
  ResubmitRejectedRequest,
} from '@hookline/contracts';
import type { Run } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { connect } from '../server/connect.ts';
import { printList } from '../server/list-pages.ts';
import { message } from '../server/request.ts';
import type { incidentsSpec, rejectedSpec, resubmitSpec } from '../specs/dead-letter-specs.ts';
import {
  incidentColumns,
  incidentJson,
  rejectedColumns,
  rejectedJson,
} from '../views/dead-letter-view.ts';
import { numbersOf } from './enums.ts';
import { readInput } from './read-input.ts';
import { present, told } from './show.ts';

export const listRejected: Run<typeof rejectedSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: rejectedColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListRejectedRequest, {
        pageSize,
        pageToken,
        ids: [...options.id],
        codes: [...options.code],
        host: options.host,
        states: numbersOf(RejectedState, 'REJECTED_STATE_', options.state),
        startTime: options.from,
        endTime: options.to,
        omitPayload: !context.output.isJson,
      });
      const page = await connection.deadLetters.listRejected(request, connection.call);
      return { items: page.rejectedMessages.map(rejectedJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};

export const resubmitRejected: Run<typeof resubmitSpec> = async (input, context) => {
  const { options } = input;
  const { header, 'no-headers': without, 'payload-file': file } = options;
  if (without && header.length > 0) {
    throw new UsageError([
      { subject: '--no-headers', detail: 'is given together with --header; give one of them' },
    ]);
  }
  const headers = Object.fromEntries(header.map(({ name, value }) => [name, value]));
  const payload = file === undefined ? undefined : await readInput('--payload-file', file, context);
  using connection = await connect(options, context);
  const request = message(ResubmitRejectedRequest, {
    id: input.arguments.id,
    type: options.type,
    payload: payload?.toString('utf8'),
    headers: without || header.length > 0 ? { headers } : undefined,
  });
  const answer = await connection.deadLetters.resubmitRejected(request, connection.call);
  const { eventId, position, duplicate } = present(answer.acceptance, 'the acceptance');
  told(
    context.output,
    { event_id: eventId, position: Number(position), duplicate },
    duplicate ? `${eventId}, which its source had published meanwhile` : eventId,
  );
  return exitCodes.done;
};

export const listIncidents: Run<typeof incidentsSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: incidentColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListIncidentsRequest, {
        pageSize,
        pageToken,
        states: numbersOf(IncidentState, 'INCIDENT_STATE_', options.state),
        kinds: numbersOf(IncidentKind, 'INCIDENT_KIND_', options.kind),
        subscriptionId: options.subscription,
        startTime: options.from,
        endTime: options.to,
      });
      const page = await connection.deadLetters.listIncidents(request, connection.call);
      return { items: page.incidents.map(incidentJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};
