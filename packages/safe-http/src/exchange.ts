import type { Dispatcher } from 'undici';
import type { Connection } from './connection.ts';
import { failureOf } from './errors.ts';
import type {
  HttpOutcome,
  RequestPhase,
  ResponseHead,
  ResponseHeaders,
  UntimedOutcome,
} from './outcome.ts';
import type { HttpRequest } from './request.ts';

/** What an exchange needs of the pool that carries it. */
export interface ExchangeCarrier {
  /** The exchange wants no connection any more; answers the phase it was in. */
  withdraw(exchange: Exchange): RequestPhase;
  /** The connection closed before a byte of the request was written: find another one. */
  resubmit(exchange: Exchange): void;
  /** The connection has delivered a whole response. */
  finishing(connection: Connection): void;
}

export interface ExchangeOptions {
  readonly request: HttpRequest;
  readonly path: string;
  readonly host: string;
  readonly carrier: ExchangeCarrier;
  readonly startedAt: number;
  readonly settle: (exchange: Exchange, outcome: HttpOutcome) => void;
}

const excerptBytesDefault = 2 * 1024;
const responseBytesDefault = 1024 * 1024;
/** Connections that may close under a request before it is written, until it counts as failed. */
const resubmissionsMax = 3;
/** A server may announce itself (102, 103) that often before its response. */
const informationalMax = 16;
const noBytes = new Uint8Array(0);

/** Stops a request that is under way. */
export type RequestController = Pick<Dispatcher.DispatchController, 'abort'>;

/**
 * One request on its way: undici's handler, the deadline and the caller's signal in one object, so
 * that the hot path allocates no closure per request. It settles once; what comes later is ignored.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly options: ExchangeOptions;
  /** What carries it, since it has something to. */
  connection: Connection | undefined;
  /** Bytes of the request may have gone out. */
  started = false;
  settled = false;
  #resubmissions = 0;
  #informational = 0;
  #controller: RequestController | undefined;
  #status = 0;
  #headers: ResponseHeaders = {};
  #excerpt: Uint8Array = noBytes;
  #bodyBytes = 0;
  #sentAt: number | undefined;
  #firstByteAt: number | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort: (() => void) | undefined;

  constructor(options: ExchangeOptions) {
    this.options = options;
    const { signal, timeoutMs } = options.request;
    this.#timer = setTimeout(expire, timeoutMs, this);
    if (signal !== undefined) {
      this.#onAbort = () => this.cancel('The request was cancelled.');
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  /** Settles the exchange and stops whatever still works for it. */
  settle(outcome: UntimedOutcome): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.#timer);
    const { request, startedAt } = this.options;
    if (this.#onAbort !== undefined) request.signal?.removeEventListener('abort', this.#onAbort);
    const durationMs = performance.now() - startedAt;
    this.options.settle(this, { ...outcome, durationMs, ...this.#timings(startedAt) });
  }

  cancel(error: string): void {
    if (this.settled) return;
    this.options.carrier.withdraw(this);
    this.settle({ kind: 'cancelled', error, requestSent: this.started });
    this.#abort();
  }

  expire(): void {
    if (this.settled) return;
    const waitingPhase = this.options.carrier.withdraw(this);
    const answered = this.#status !== 0;
    const phase = answered ? 'body' : this.started ? 'headers' : waitingPhase;
    const { request, host } = this.options;
    this.settle({
      kind: 'timeout',
      phase,
      error: `${host} did not complete its answer within ${request.timeoutMs} ms (${phaseNames[phase]}).`,
      requestSent: this.started,
      ...(answered ? { response: this.#head(true) } : {}),
    });
    this.#abort();
  }

  onRequestStart(controller: RequestController): void {
    // Thrown rather than aborted: undici then skips the request and keeps the connection.
    if (this.settled) throw new Error('settled before it was sent');
    this.started = true;
    this.#sentAt = performance.now();
    this.#controller = controller;
  }

  onResponseStart(
    _controller: RequestController | null,
    status: number,
    headers: ResponseHeaders,
  ): void {
    if (this.settled) return;
    if (status < 200) {
      this.#informational += 1;
      if (this.#informational > informationalMax) this.#fail(new Error('bad response'));
      return;
    }
    this.#status = status;
    this.#firstByteAt = performance.now();
    this.#headers = headers;
    if (
      Number(headers['content-length']) > this.#bytesMax &&
      this.options.request.method !== 'HEAD'
    ) {
      this.#tooLarge();
    }
  }

  onResponseData(_controller: RequestController | null, chunk: Buffer): void {
    if (this.settled) return;
    this.#bodyBytes += chunk.length;
    const { excerptBytesMax = excerptBytesDefault } = this.options.request;
    const room = excerptBytesMax - this.#excerpt.length;
    if (room > 0) {
      // Copied: the chunk is a window on a socket's buffer that must not live as long as a record.
      const piece = chunk.subarray(0, room);
      this.#excerpt =
        this.#excerpt.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#excerpt, piece]);
    }
    if (this.#bodyBytes > this.#bytesMax) this.#tooLarge();
  }

  onResponseEnd(): void {
    if (this.settled) return;
    if (this.connection !== undefined) this.options.carrier.finishing(this.connection);
    this.settle({
      kind: 'response',
      ...this.#head(this.#bodyBytes > this.#excerpt.length),
      remoteAddress: this.connection?.remoteAddress ?? '',
    });
  }

  onResponseError(_controller: RequestController | null, error: Error): void {
    if (this.settled) return;
    const invalid = 'code' in error && error.code === 'UND_ERR_INVALID_ARG';
    if (!this.started && !invalid && this.#resubmissions < resubmissionsMax) {
      this.#resubmissions += 1;
      this.options.carrier.resubmit(this);
      return;
    }
    this.settle(failureOf(error, this.options.host, this.started));
  }

  /** The response headers exceed their bound (HTTP/2; undici tells it by an error). */
  onHeadersTooLarge(): void {
    this.#fail(Object.assign(new Error('headers'), { code: 'UND_ERR_HEADERS_OVERFLOW' }));
  }

  /** The receiver says that it processed nothing of it (HTTP/2): as if it had not been sent. */
  onNotProcessed(error: Error): void {
    this.started = false;
    this.#controller = undefined;
    this.onResponseError(null, error);
  }

  #timings(startedAt: number): { sentMs?: number; firstByteMs?: number } {
    if (this.#sentAt === undefined) return {};
    const sentMs = this.#sentAt - startedAt;
    if (this.#firstByteAt === undefined) return { sentMs };
    return { sentMs, firstByteMs: this.#firstByteAt - startedAt };
  }

  get #bytesMax(): number {
    return this.options.request.responseBytesMax ?? responseBytesDefault;
  }

  #head(bodyTruncated: boolean): ResponseHead {
    return {
      status: this.#status,
      headers: this.#headers,
      bodyExcerpt: this.#excerpt,
      bodyTruncated,
    };
  }

  #tooLarge(): void {
    const error = `The response body of ${this.options.host} exceeds ${this.#bytesMax} bytes.`;
    this.settle({ kind: 'response_too_large', error, response: this.#head(true) });
    this.#abort();
  }

  #fail(error: Error): void {
    this.settle(failureOf(error, this.options.host, this.started));
    this.#abort();
  }

  /** The rest of the answer is not wanted: closes the connection, of HTTP/2 the stream. */
  #abort(): void {
    this.#controller?.abort(new Error('settled'));
  }
}

function expire(exchange: Exchange): void {
  exchange.expire();
}

const phaseNames: Readonly<Record<RequestPhase, string>> = {
  queue: 'waiting for a free connection',
  dns: 'resolving the name',
  connect: 'connecting',
  tls: 'in the TLS handshake',
  headers: 'waiting for the response',
  body: 'reading the response body',
};
