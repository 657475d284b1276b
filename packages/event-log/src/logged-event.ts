/** An event as the log has it, of an aggregate or of a server. */
export interface LoggedEvent {
  readonly kind: 'aggregate' | 'server';
  /** Where it is in the order of the log, see checkpointOf(). */
  readonly logEpoch: number;
  readonly transactionId: string;
  readonly position: bigint;
  readonly recordedAt: Date;
  /** An aggregate's stream, or a server's line. */
  readonly stream: string;
  /** Its number in the stream, from 1, without gaps. */
  readonly version: bigint;
  readonly eventId: string;
  readonly tenant: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject?: string;
  readonly phase: 'pre' | 'post';
  readonly status?: 'success' | 'fail';
  /** JSON text of an object of strings. */
  readonly extensions: string;
  /** JSON text. */
  readonly data: string;
  /** The shape of `data`; upcasters raise it to the newest. */
  readonly schemaVersion: number;
}

/** How far a reader has come. Opaque: store it as it is and hand it back. */
export type LogCheckpoint = string & { readonly logCheckpoint: unique symbol };

/** Before the first event there ever was. */
export const LOG_START = '0:0:0' as LogCheckpoint;

/** The place of an event in the order of the log: a reader that goes on from it gets what follows. */
export function checkpointOf(
  event: Pick<LoggedEvent, 'logEpoch' | 'transactionId' | 'position'>,
): LogCheckpoint {
  return `${event.logEpoch}:${event.transactionId}:${event.position}` as LogCheckpoint;
}

/** Log epoch, transaction id and position, as text for Postgres. Throws on what is no checkpoint. */
export function parseCheckpoint(checkpoint: string): readonly [string, string, string] {
  const match = /^(\d{1,10}):(\d{1,20}):(\d{1,19})$/.exec(checkpoint);
  if (match === null) {
    throw new Error(
      `"${checkpoint.slice(0, 80)}" is not a checkpoint of the log; pass one it gave`,
    );
  }
  return [match[1] as string, match[2] as string, match[3] as string];
}

/** Negative when a comes before b, 0 when they are the same. */
export function compareCheckpoints(a: string, b: string): number {
  const left = parseCheckpoint(a).map(BigInt);
  const right = parseCheckpoint(b).map(BigInt);
  for (const [index, value] of left.entries()) {
    const other = right[index] as bigint;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

/** A row of hookline.event_log, in the order of LOGGED_COLUMNS. */
export type LoggedRow = [
  kind: 'aggregate' | 'server',
  logEpoch: number,
  transactionId: string,
  position: bigint,
  recordedAtMs: number,
  stream: string,
  version: bigint,
  eventId: string,
  tenant: string,
  source: string,
  type: string,
  time: string,
  subject: string | null,
  phase: 'pre' | 'post',
  status: 'success' | 'fail' | null,
  extensions: string,
  data: string,
  schemaVersion: number,
];

/** Times as milliseconds: parsing a timestamp's text in JavaScript costs more than all the rest. */
export const LOGGED_COLUMNS = `kind, log_epoch, transaction_id, position,
  (extract(epoch FROM recorded_at) * 1000)::float8, stream, version, event_id, tenant, source, type,
  time, subject, phase, status, extensions, data, schema_version`;

/** The event a row holds. */
export function toLoggedEvent(row: LoggedRow): LoggedEvent {
  const subject = row[12];
  const status = row[14];
  return {
    kind: row[0],
    logEpoch: row[1],
    transactionId: row[2],
    position: row[3],
    recordedAt: new Date(row[4]),
    stream: row[5],
    version: row[6],
    eventId: row[7],
    tenant: row[8],
    source: row[9],
    type: row[10],
    time: row[11],
    ...(subject !== null && { subject }),
    phase: row[13],
    ...(status !== null && { status }),
    extensions: row[15],
    data: row[16],
    schemaVersion: row[17],
  };
}
