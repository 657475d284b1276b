import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type CollectedSpan, decodeMetricNames, decodeSpans } from './otlp-decode.ts';

export type { CollectedSpan } from './otlp-decode.ts';

/** `refuse` answers 503, `hang` answers never. */
export type CollectorBehaviour = 'accept' | 'refuse' | 'hang';

/** Stands in for an OpenTelemetry collector: OTLP over HTTP, protobuf. */
export interface OtlpCollector extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  /** Every span that was taken. */
  readonly spans: readonly CollectedSpan[];
  /** The names of all metrics that came. */
  readonly metricNames: ReadonlySet<string>;
  /** Requests of whatever kind, refused ones included. */
  requests(): number;
  behave(behaviour: CollectorBehaviour): void;
  stop(): Promise<void>;
}

export async function startOtlpCollector(
  first: CollectorBehaviour = 'accept',
): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const metricNames = new Set<string>();
  let behaviour = first;
  let requests = 0;

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests += 1;
    if (behaviour === 'hang') return;
    if (behaviour === 'refuse') {
      response.writeHead(503).end();
      return;
    }
    const sent = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    if (request.url === '/v1/traces') spans.push(...decodeSpans(body));
    if (request.url === '/v1/metrics') {
      for (const name of decodeMetricNames(body)) metricNames.add(name);
    }
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  };

  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    ...{ url: `http://127.0.0.1:${port}`, spans, metricNames, stop },
    requests: () => requests,
    behave(next) {
      behaviour = next;
    },
    [Symbol.asyncDispose]: stop,
  };
}
