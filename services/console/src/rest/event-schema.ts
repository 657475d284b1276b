import { GrpcPhase, GrpcStatus } from '@hookline/contracts';
import { exampleIds, exampleTime } from './examples.ts';
import { about, component, instantOrNone, oneOf, text, textOrNone } from './schema-parts.ts';

/** An event, a CloudEvents 1.0 object. */
export const eventSchema = component(
  'Event',
  {
    type: 'object',
    description:
      'A CloudEvents 1.0 object. Further extensions of the publisher are members of their own: `actor`, `reason`, `correlationid`, `sourcetype`, `traceparent` and the like.',
    additionalProperties: text,
    required: ['specversion', 'id', 'source', 'type', 'time', 'phase', 'sequence', 'accepted_at'],
    properties: {
      specversion: { type: 'string', enum: ['1.0'] },
      id: about(text, 'The id, `evt_…`.'),
      source: about(text, 'Who published it.'),
      type: text,
      time: about(instantOrNone, 'When it happened.'),
      subject: about(text, 'The server it is about; left out when about none.'),
      phase: oneOf(GrpcPhase, 'PHASE_'),
      status: about(oneOf(GrpcStatus, 'STATUS_'), 'How it ended; none in phase `pre`.'),
      sequence: about(text, 'Its number on its server’s line, 20 digits.'),
      accepted_at: about(instantOrNone, 'When it was accepted.'),
      data: about(
        { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] },
        'The payload as it was published; left out with `omit_data=true`.',
      ),
    },
  },
  {
    specversion: '1.0',
    id: exampleIds.event,
    source: '/hosts/node-1',
    type: 'server.started',
    time: exampleTime,
    subject: 'srv_abc123',
    phase: 'post',
    status: 'success',
    sequence: '00000000000000000001',
    accepted_at: exampleTime,
    data: { server_id: 'srv_abc123', name: 'production-web-01', status: 'running' },
  },
);

const sourceName = {
  type: 'object',
  additionalProperties: false,
  required: ['format', 'name', 'id'],
  properties: { format: text, name: text, id: textOrNone },
} as const;

/** An entry of the catalogue. */
export const eventTypeSchema = component(
  'EventType',
  {
    type: 'object',
    additionalProperties: false,
    required: ['type', 'title', 'description', 'group', 'canonical', 'source_names'],
    properties: {
      type: about(text, 'The canonical name, for `events` of a webhook.'),
      title: text,
      description: text,
      group: text,
      canonical: about({ type: 'boolean' }, 'False for a type of the tenant’s own.'),
      source_names: {
        type: 'array',
        items: sourceName,
        description: 'What other systems call it, by the format whose filters take the name.',
      },
      example_data: about({ type: 'object' }, 'A payload as an example, where there is one.'),
    },
  },
  {
    type: 'server.started',
    title: 'Server started',
    description: 'The server is running.',
    group: 'server',
    canonical: true,
    source_names: [{ format: 'virtfusion', name: 'server.boot', id: '7' }],
  },
);
