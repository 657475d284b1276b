/** A JetStream stream as every service expects to find it. */
export interface StreamDefinition {
  readonly name: 'INGEST' | 'EVENTS' | 'SUBSCRIPTIONS' | 'DEAD_LETTERS' | 'REJECTED' | 'ADVISORIES';
  readonly subjects: readonly string[];
  /** A work queue removes a message when it is acknowledged; limits keep it until it is too old. */
  readonly retention: 'workqueue' | 'limits';
  /** `new` refuses publishes when full, which is back-pressure; `old` drops the oldest, for wake-ups. */
  readonly discard: 'new' | 'old';
  readonly maxBytes: number;
  /** Largest message, headers included, in bytes. */
  readonly maxMessageBytes: number;
  /** Zero: no limit of age. */
  readonly maxAgeMs: number;
  /** The smallest that JetStream takes; idempotency is Postgres's alone. */
  readonly duplicateWindowMs: number;
}

const MIB = 1024 * 1024;
const DUPLICATE_WINDOW_MS = 100;

/** Largest message an agent may publish, in bytes of its body. */
export const INGEST_MESSAGE_BYTES_MAX = 256 * 1024;

/** One message of EVENTS carries at most this many events… */
export const EVENT_BATCH_EVENTS_MAX = 64;
/** …and at most this many bytes, unless a single event is larger. */
export const EVENT_BATCH_BYTES_MAX = 512 * 1024;

function workQueue(
  name: StreamDefinition['name'],
  subject: string,
  sizes: { maxBytes: number; maxMessageBytes: number },
): StreamDefinition {
  return {
    name,
    subjects: [subject],
    retention: 'workqueue',
    discard: 'new',
    maxAgeMs: 0,
    duplicateWindowMs: DUPLICATE_WINDOW_MS,
    ...sizes,
  };
}

/** Wake-ups: what they speak of is committed first, and readers catch up from Postgres. */
function wakeUps(name: StreamDefinition['name'], subject: string): StreamDefinition {
  return {
    name,
    subjects: [subject],
    retention: 'limits',
    discard: 'old',
    maxBytes: 16 * MIB,
    maxMessageBytes: 64 * 1024,
    maxAgeMs: 60 * 60 * 1000,
    duplicateWindowMs: DUPLICATE_WINDOW_MS,
  };
}

/**
 * The five streams. A message of INGEST may be larger than the contract's 256 KiB, so that one that
 * is too large reaches the gateway and is answered and kept as rejected, not dropped unseen.
 */
export const streamDefinitions: readonly StreamDefinition[] = [
  workQueue('INGEST', 'hv.>', { maxBytes: 1024 * MIB, maxMessageBytes: MIB }),
  workQueue('EVENTS', 'events.>', { maxBytes: 1024 * MIB, maxMessageBytes: MIB }),
  wakeUps('SUBSCRIPTIONS', 'subscriptions.>'),
  wakeUps('DEAD_LETTERS', 'dlq.>'),
  wakeUps('REJECTED', 'rejected.>'),
];

/**
 * What the NATS server reports of trouble with streams and consumers, kept until the monitor has read
 * it. It is made by the monitor alone, which goes on without it where the server refuses it. Only these
 * subjects: with `$JS.EVENT.ADVISORY.>` every call of the JetStream API would be a message.
 */
export const advisoryStream: StreamDefinition = {
  name: 'ADVISORIES',
  subjects: [
    '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>',
    '$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>',
    '$JS.EVENT.ADVISORY.CONSUMER.QUORUM_LOST.>',
    '$JS.EVENT.ADVISORY.STREAM.QUORUM_LOST.>',
    '$JS.EVENT.ADVISORY.STREAM.DELETED.>',
  ],
  retention: 'limits',
  discard: 'old',
  maxBytes: 4 * MIB,
  maxMessageBytes: 64 * 1024,
  maxAgeMs: 24 * 60 * 60 * 1000,
  duplicateWindowMs: DUPLICATE_WINDOW_MS,
};
