import type { Msg, MsgHdrs } from '@nats-io/transport-node';

/** One message of a stream, to be acknowledged once what it asks for is committed. */
export interface ReceivedMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: MsgHdrs | undefined;
  /** The message's number in its stream, from 1; begins anew when the stream is made again. */
  readonly streamSequence: number;
  /** When the stream was made: together with the number it names the message for good. */
  readonly streamCreatedAt: Date;
  /** How often it was delivered, from 1. After 5 a message is better handled alone. */
  readonly deliveryCount: number;
  /** When the stream took it. */
  readonly receivedAt: Date;
  /** Bytes of subject, headers and data. */
  readonly size: number;
  /** Done: a work queue removes it. */
  ack(): void;
  /** Not done: it is delivered again after the delay, behind what came later. */
  nak(delayMs?: number): void;
  /** Never to be delivered again. */
  term(): void;
  /** Still at it: the acknowledgement deadline starts anew. */
  working(): void;
}

/** Which deliveries are still the server's business; see `Generation`. */
export interface Generation {
  current: boolean;
  readonly streamCreatedAt: Date;
}

const encoder = new TextEncoder();
const ackPayload = encoder.encode('+ACK');
const termPayload = encoder.encode('+TERM');
const workingPayload = encoder.encode('+WPI');

// $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<nanoseconds>.<pending>; newer
// servers put a domain and an account hash before the stream and may add a token at the end.
function ackTokens(reply: string): {
  deliveryCount: number;
  streamSequence: number;
  nanoseconds: string;
} {
  const tokens = reply.split('.');
  const offset = tokens.length > 9 ? 2 : 0;
  return {
    deliveryCount: Number(tokens[4 + offset]),
    streamSequence: Number(tokens[5 + offset]),
    nanoseconds: tokens[7 + offset] ?? '0',
  };
}

function headersLength(headers: MsgHdrs | undefined): number {
  let length = 0;
  for (const [name, values] of headers ?? []) {
    for (const value of values) length += name.length + value.length;
  }
  return length;
}

/**
 * A message as the pull protocol delivers it.
 *
 * An acknowledgement names a message by its number in the stream. When the stream or the consumer has
 * been made again, the same number is another message, so answers to deliveries of a past generation
 * are dropped here: those messages come again and are found to be done.
 */
export function toReceivedMessage(message: Msg, generation: Generation): ReceivedMessage {
  const { deliveryCount, streamSequence, nanoseconds } = ackTokens(message.reply ?? '');
  const answer = (payload: Uint8Array): void => {
    if (generation.current) message.respond(payload);
  };
  return {
    subject: message.subject,
    data: message.data,
    headers: message.headers,
    streamSequence,
    streamCreatedAt: generation.streamCreatedAt,
    deliveryCount,
    receivedAt: new Date(Number(nanoseconds.slice(0, -6))),
    size: message.subject.length + headersLength(message.headers) + message.data.length,
    ack: () => answer(ackPayload),
    nak: (delayMs) =>
      answer(
        encoder.encode(
          delayMs === undefined ? '-NAK' : `-NAK {"delay":${Math.round(delayMs * 1e6)}}`,
        ),
      ),
    term: () => answer(termPayload),
    working: () => answer(workingPayload),
  };
}
