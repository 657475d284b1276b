import { BinaryReader } from '@bufbuild/protobuf/wire';

/** A span as it came over the wire. */
export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly startedMs: number;
  readonly endedMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly isError: boolean;
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUS_ERROR = 2;

/** The fields of a message: numbers of fixed or variable width, or bytes. */
type Fields = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>;

/** Reads a protobuf message without its definition, by the numbers of its fields. */
function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const values = fields.get(number) ?? [];
    fields.set(number, values);
    if (wireType === 0) values.push(BigInt(reader.uint64()));
    else if (wireType === 1) values.push(BigInt(reader.fixed64()));
    else if (wireType === 2) values.push(reader.bytes());
    else if (wireType === 5) values.push(BigInt(reader.fixed32()));
    else throw new Error(`wire type ${wireType} is not read here`);
  }
  return fields;
}

const bytesOf = (fields: Fields, number: number): Uint8Array[] =>
  (fields.get(number) ?? []).filter((value) => value instanceof Uint8Array);
const numberOf = (fields: Fields, number: number): bigint => {
  const value = fields.get(number)?.[0];
  return typeof value === 'bigint' ? value : 0n;
};
const textOf = (fields: Fields, number: number): string =>
  Buffer.from(bytesOf(fields, number)[0] ?? []).toString('utf8');
const hexOf = (fields: Fields, number: number): string =>
  Buffer.from(bytesOf(fields, number)[0] ?? []).toString('hex');
const messagesOf = (fields: Fields, number: number): Fields[] =>
  bytesOf(fields, number).map(fieldsOf);

function anyValue(any: Fields): unknown {
  if (any.has(1)) return textOf(any, 1);
  if (any.has(2)) return numberOf(any, 2) === 1n;
  if (any.has(3)) return Number(BigInt.asIntN(64, numberOf(any, 3)));
  if (any.has(4)) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(numberOf(any, 4));
    return bytes.readDoubleLE();
  }
  return messagesOf(any, 5).flatMap((array) => messagesOf(array, 1).map(anyValue));
}

function attributesOf(fields: Fields, number: number): Record<string, unknown> {
  return Object.fromEntries(
    messagesOf(fields, number).map((pair) => {
      const [value] = messagesOf(pair, 2);
      return [textOf(pair, 1), value && anyValue(value)];
    }),
  );
}

function spanOf(span: Fields, service: string): CollectedSpan {
  const [status] = messagesOf(span, 15);
  return {
    service,
    traceId: hexOf(span, 1),
    spanId: hexOf(span, 2),
    parentSpanId: hexOf(span, 4),
    name: textOf(span, 5),
    kind: KINDS[Number(numberOf(span, 6))] ?? 'unspecified',
    startedMs: Number(numberOf(span, 7)) / 1e6,
    endedMs: Number(numberOf(span, 8)) / 1e6,
    attributes: attributesOf(span, 9),
    events: messagesOf(span, 11).map((event) => textOf(event, 2)),
    links: messagesOf(span, 13).map((link) => ({
      traceId: hexOf(link, 1),
      spanId: hexOf(link, 2),
    })),
    isError: status !== undefined && numberOf(status, 3) === BigInt(STATUS_ERROR),
  };
}

/** The spans of an `ExportTraceServiceRequest` of OTLP 1. */
export function decodeSpans(body: Uint8Array): CollectedSpan[] {
  return messagesOf(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const [resource] = messagesOf(resourceSpans, 1);
    const service = resource && attributesOf(resource, 1)['service.name'];
    return messagesOf(resourceSpans, 2).flatMap((scope) =>
      messagesOf(scope, 2).map((span) => spanOf(span, String(service))),
    );
  });
}

/** The names of the metrics of an `ExportMetricsServiceRequest`. */
export function decodeMetricNames(body: Uint8Array): string[] {
  return messagesOf(fieldsOf(body), 1).flatMap((resource) =>
    messagesOf(resource, 2).flatMap((scope) => messagesOf(scope, 2).map((one) => textOf(one, 1))),
  );
}
