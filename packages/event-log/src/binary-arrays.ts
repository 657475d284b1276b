/**
 * One-dimensional arrays in PostgreSQL's binary format, as parameters of a statement: the driver
 * sends a Buffer as binary.
 *
 * Its own text arrays are quoted and escaped value by value, and parsed again by the server. For 500
 * events of 240 bytes of JSON that took 8 ms of a processor, and this takes 3.
 *
 * The statement must cast the parameter to the very type: `$1::text[]`, `$2::bytea[]` and so on.
 */

const HEADER_BYTES = 20;

/** Type ids of PostgreSQL's catalogue, the same on every server. */
const OID = { bytea: 17, int8: 20, int4: 23, text: 25, float8: 701 } as const;

/** For `text[]`. */
export function textArray(values: readonly (string | null | undefined)[]): Buffer {
  let bytes = HEADER_BYTES + values.length * 4;
  for (const value of values) if (value != null) bytes += Buffer.byteLength(value);
  const array = header(OID.text, values, bytes);
  let offset = HEADER_BYTES;
  for (const value of values) {
    const length = value == null ? -1 : array.write(value, offset + 4);
    array.writeInt32BE(length, offset);
    offset += 4 + Math.max(0, length);
  }
  return array;
}

/** For `bytea[]`. */
export function byteaArray(values: readonly Buffer[]): Buffer {
  const bytes = values.reduce((sum, value) => sum + 4 + value.length, HEADER_BYTES);
  const array = header(OID.bytea, values, bytes);
  let offset = HEADER_BYTES;
  for (const value of values) {
    offset = array.writeInt32BE(value.length, offset);
    array.set(value, offset);
    offset += value.length;
  }
  return array;
}

/** For `int[]`. */
export function integerArray(values: readonly number[]): Buffer {
  return fixedArray(OID.int4, values, {
    bytes: 4,
    write: (array, value, at) => array.writeInt32BE(value, at),
  });
}

/** For `bigint[]`. */
export function bigintArray(values: readonly bigint[]): Buffer {
  return fixedArray(OID.int8, values, {
    bytes: 8,
    write: (array, value, at) => array.writeBigInt64BE(value, at),
  });
}

/** For `float8[]`. */
export function doubleArray(values: readonly number[]): Buffer {
  return fixedArray(OID.float8, values, {
    bytes: 8,
    write: (array, value, at) => array.writeDoubleBE(value, at),
  });
}

function fixedArray<T>(
  oid: number,
  values: readonly T[],
  element: {
    readonly bytes: number;
    readonly write: (array: Buffer, value: T, at: number) => void;
  },
): Buffer {
  const array = header(oid, values, HEADER_BYTES + values.length * (4 + element.bytes));
  let offset = HEADER_BYTES;
  for (const value of values) {
    offset = array.writeInt32BE(element.bytes, offset);
    element.write(array, value, offset);
    offset += element.bytes;
  }
  return array;
}

/** Dimensions, a flag for nulls (which nothing reads), the type, length and lower bound. */
function header(oid: number, values: readonly unknown[], bytes: number): Buffer {
  const array = Buffer.allocUnsafe(bytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16);
  return array;
}
