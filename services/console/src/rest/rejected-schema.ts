import { RejectedState } from '@hookline/contracts';
import { exampleIds, exampleTime } from './examples.ts';
import {
  about,
  component,
  count,
  instantOrNone,
  oneOf,
  record,
  text,
  textOrNone,
  textsByName,
} from './schema-parts.ts';

/** Something that was published and did not become an event. */
export const rejectedSchema = component(
  'RejectedMessage',
  record({
    id: about(text, 'The id, `rej_…`.'),
    state: about(oneOf(RejectedState, 'REJECTED_STATE_'), 'What became of it.'),
    code: about(text, 'A stable code for programs.'),
    reason: about(text, 'What is wrong, in words.'),
    suggestion: about(text, 'How to mend it, in words.'),
    channel: about(text, 'The way it came: `nats`, `http` or `grpc`.'),
    address: about(textOrNone, 'Where it was published: the NATS subject, or the path.'),
    host: about(textOrNone, 'The host that published it.'),
    source_id: about(textOrNone, 'Its id at the source, as far as it could be read.'),
    headers: {
      type: 'object',
      additionalProperties: text,
      description: 'The headers it carried, credentials left out.',
    },
    payload: about(text, 'The message as it came, its first 256 KiB.'),
    payload_encoding: { type: 'string', enum: ['text', 'base64'] },
    payload_size: about(count, 'The whole message’s size in bytes.'),
    payload_sha256: about(text, 'The whole message’s SHA-256.'),
    event_id: about(textOrNone, 'The event it became when it was put in again.'),
    received_at: about(instantOrNone, 'When it was received.'),
  }),
  {
    id: 'rej_01m80mhnh3e85tvw1gzgw007n1',
    state: 'open',
    code: 'invalid_json',
    reason: 'the message is not JSON',
    suggestion: 'Publish one JSON object, in UTF-8.',
    channel: 'nats',
    address: 'hv.default.node-1.server.started',
    host: 'node-1',
    source_id: 'node-1-boot-0001',
    headers: { 'Nats-Msg-Id': 'node-1-boot-0001' },
    payload: '{"server_id":"srv_abc123"',
    payload_encoding: 'text',
    payload_size: 25,
    payload_sha256: 'd1f2c4f2a5a7b2d0b2f0e5b4f4b2f3e1c9d8a7b6c5d4e3f2a1b0c9d8e7f6a5b4',
    event_id: null,
    received_at: exampleTime,
  },
);

/** The body of `POST /v1/rejected/{id}/resubmit`. */
export const resubmitSchema = component(
  'Resubmit',
  {
    type: 'object',
    additionalProperties: false,
    properties: {
      type: about(text, 'The event type instead of the one in the address.'),
      payload: about(text, 'The message instead of the one received: JSON text, at most 256 KiB.'),
      headers: about(textsByName, 'All headers instead of those received.'),
    },
  },
  { payload: '{"server_id":"srv_abc123"}' },
);

/** What a message that was put in again became. */
export const acceptanceSchema = component(
  'Acceptance',
  record({
    event_id: text,
    position: about(count, 'Its place in the log.'),
    duplicate: about({ type: 'boolean' }, 'Whether its source had published it meanwhile.'),
  }),
  { event_id: exampleIds.event, position: 3, duplicate: false },
);
