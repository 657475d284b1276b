/** A time of a request, whose form the schema has checked. */
export function instantOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text.toUpperCase());
}

/** A time as REST writes it; null when there is none. */
export function instantText(time: Date | undefined): string | null {
  return time?.toISOString() ?? null;
}

/** A text, or null when it is empty, which is how gRPC says that there is none. */
export function textOrNull(text: string): string | null {
  return text === '' ? null : text;
}
