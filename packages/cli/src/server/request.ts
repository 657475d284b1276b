/** A message of which any field may be left out, or be undefined. */
export type Loose<T> = T extends Date | bigint | Uint8Array | string | number | boolean
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Loose<Item>[]
    : T extends object
      ? { readonly [K in keyof T]?: Loose<T[K]> | undefined }
      : T;

/** A message out of flags: those that were not given are undefined, and take the proto's default. */
export function message<T>(
  type: { readonly fromPartial: (fields: never) => T },
  fields: Loose<NoInfer<T>>,
): T {
  return type.fromPartial(fields as never);
}
