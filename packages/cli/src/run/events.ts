import { GetEventRequest, GrpcPhase, GrpcStatus, ListEventsRequest } from '@hookline/contracts';
import type { Run } from '../command/command.ts';
import { followEvents } from '../follow/follow-events.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { printable } from '../output/printable.ts';
import { connect } from '../server/connect.ts';
import { printList } from '../server/list-pages.ts';
import { message } from '../server/request.ts';
import type { getSpec, listSpec, tailSpec } from '../specs/event-specs.ts';
import { eventColumns, eventJson } from '../views/event-view.ts';
import { type Json, shortTime, shown } from '../views/shared.ts';
import { numbersOf } from './enums.ts';
import { present, show } from './show.ts';

export const listEvents: Run<typeof listSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: eventColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListEventsRequest, {
        pageSize,
        pageToken,
        types: [...options.type],
        subject: options.subject,
        source: options.source,
        statuses: numbersOf(GrpcStatus, 'STATUS_', options.status),
        phases: numbersOf(GrpcPhase, 'PHASE_', options.phase),
        startTime: options.from,
        endTime: options.to,
        omitData: !context.output.isJson,
      });
      const page = await connection.deliveries.listEvents(request, connection.call);
      return { items: page.events.map(eventJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};

export const getEvent: Run<typeof getSpec> = async ({ arguments: { id }, options }, context) => {
  using connection = await connect(options, context);
  const request = message(GetEventRequest, { id });
  const { event } = await connection.deliveries.getEvent(request, connection.call);
  show(context.output, eventJson(present(event, 'the event')));
  return exitCodes.done;
};

export const tailEvents: Run<typeof tailSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  const { output } = context;
  const events = followEvents(connection, {
    types: options.type,
    subject: options.subject,
    since: options.since,
    withData: options.data || output.isJson,
    onTrouble: (text) => output.note(text),
    onListening: () => output.note('waiting for events; Ctrl-C ends it'),
    signal: context.signal,
  });
  for await (const event of events) {
    const json = eventJson(event);
    if (output.isJson) output.jsonLine(json);
    else output.line(printable(eventLine(json)));
    if (options.data) output.line(`    ${printable(event.data)}`);
  }
  return exitCodes.interrupted;
};

function eventLine(event: Json): string {
  const ending = event.phase === 'pre' ? 'pre' : shown(event, 'status');
  const parts = ['id', 'type', 'subject'].map((field) => shown(event, field));
  return [shortTime(event, 'accept_time'), ...parts, ending].join('  ');
}
