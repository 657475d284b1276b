import type { CollectedSpan } from '@hookline/testing';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';

/** The spans that are reached from one of them, upwards and along links, in any number of steps. */
export function reachableFrom(
  start: CollectedSpan,
  spans: readonly CollectedSpan[],
): Set<CollectedSpan> {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const reached = new Set<CollectedSpan>();
  const open = [start];
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    if (reached.has(span)) continue;
    reached.add(span);
    for (const id of [span.parentSpanId, ...span.links.map(({ spanId }) => spanId)]) {
      const next = byId.get(id);
      if (next !== undefined) open.push(next);
    }
  }
  return reached;
}

const known: ReadonlySet<string> = new Set<string>(
  Object.entries(conventions).flatMap(([name, value]) =>
    name.startsWith('ATTR_') && typeof value === 'string' ? [value] : [],
  ),
);

/** What each kind of span must have, after OpenTelemetry's conventions. */
const REQUIRED: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /^(process|send|receive) /,
    ['messaging.system.name', 'messaging.operation.name', 'messaging.destination.name'],
  ],
  [/INSERT/, ['db.system.name', 'db.operation.name', 'db.collection.name']],
  [
    /^(POST|GET|PUT|PATCH|DELETE)$/,
    ['http.request.method', 'server.address', 'server.port', 'url.full'],
  ],
  [
    /^(POST|GET|PUT|PATCH|DELETE) \//,
    ['http.request.method', 'http.route', 'url.scheme', 'url.path'],
  ],
  [/^hookline\.v1\./, ['rpc.system.name', 'rpc.method', 'rpc.status_code']],
];

/** What of a span is not as the conventions have it; ids in a name among it. */
export function faultsOf(span: CollectedSpan): string[] {
  const names = Object.keys(span.attributes);
  const unknown = names.filter((name) => !known.has(name) && !name.startsWith('hookline.'));
  const missing = REQUIRED.flatMap(([pattern, required]) =>
    pattern.test(span.name) ? required.filter((name) => !names.includes(name)) : [],
  );
  return [
    ...unknown.map((name) => `${name} is in no convention`),
    ...missing.map((name) => `${name} is missing`),
    ...(/(evt|sub|dlv|att|rpl)_[0-9a-z]{26}/.test(span.name) ? ['an id in its name'] : []),
    ...(span.isError && span.attributes['error.type'] === undefined ? ['no error.type'] : []),
    ...(span.endedMs < span.startedMs ? ['it ends before it begins'] : []),
  ].map((fault) => `${span.service} "${span.name}": ${fault}`);
}
