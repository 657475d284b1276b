/**
 * A service that cannot start for a reason outside the program. `message` says what is wrong and
 * `mend` what to do about it; both are shown on one line, without a stack.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly mend: string;

  constructor(message: string, mend: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.mend = mend;
  }
}

export interface ListenTarget {
  /** What wants to listen, e.g. `gRPC of dispatcher`. */
  readonly what: string;
  readonly host: string;
  readonly port: number;
}

/** Says in one line why an address could not be listened on, and which variable mends it. */
export function listenError(error: unknown, { what, host, port }: ListenTarget): StartError {
  const text = String((error as { code?: unknown }).code ?? '') + String(error);
  const place = `${host}:${port}`;
  if (text.includes('EADDRINUSE')) {
    return new StartError(
      `port ${port} on ${host} (${what}) is taken by another program`,
      `stop that program, or set HOOKLINE_PORT_OFFSET to move every port of Hookline (1000 makes it ${port + 1000})`,
      error,
    );
  }
  if (text.includes('EACCES')) {
    return new StartError(
      `no permission to listen on ${place} (${what})`,
      'set HOOKLINE_PORT_OFFSET so that every port is above 1023',
      error,
    );
  }
  if (text.includes('EADDRNOTAVAIL')) {
    return new StartError(
      `${host} is no address of this machine (${what})`,
      'set HOOKLINE_BIND to one that is: 127.0.0.1, or 0.0.0.0 for all of them',
      error,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StartError(
    `cannot listen on ${place} (${what}): ${reason}`,
    'see HOOKLINE_BIND and HOOKLINE_PORT_OFFSET',
    error,
  );
}
