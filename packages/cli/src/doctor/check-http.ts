import { createSafeHttpClient, type HttpOutcome, parseAllowSubnets } from '@hookline/safe-http';
import { type Finding, fault, ok, skipped } from './finding.ts';

const TIMEOUT_MS = 5_000;
/** `Date` has whole seconds, and an answer takes its time; receivers take five minutes either way. */
const CLOCK_DIFFERENCE_MAX_MS = 30_000;

/** The console, and by its answer the clocks of both machines. */
export async function checkConsole(url: string | undefined): Promise<Finding[]> {
  if (url === undefined) {
    const text = 'no URL is known; HOOKLINE_URL says where the console is';
    return [skipped('console', text), skipped('clock', text)];
  }
  const startedAt = Date.now();
  const outcome = await get(new URL('/v1/openapi.json', url).href);
  if (outcome.kind !== 'response' || outcome.status !== 200) {
    const text = outcome.kind === 'response' ? `it answers ${outcome.status}` : outcome.error;
    const mend = 'start it (npx pnpm start, or its service), or correct HOOKLINE_URL';
    return [
      fault('console', `${url}: ${text}`, mend),
      skipped('clock', 'the console does not answer'),
    ];
  }
  return [ok('console', `${url} answers`), checkClock(outcome.headers.date, startedAt)];
}

/** Ingest over HTTP, without a key: that it refuses us is the right answer. */
export async function checkIngest(url: string | undefined): Promise<Finding> {
  if (url === undefined)
    return skipped('ingest over HTTP', 'its address is known of the stack on this machine alone');
  const outcome = await get(url);
  if (outcome.kind === 'response') return ok('ingest over HTTP', `${url} answers`);
  return fault(
    'ingest over HTTP',
    `${url}: ${outcome.error}`,
    'start the producer gateway, and look into its log',
  );
}

/** The server's time lies between the moments of asking and hearing. */
export function checkClock(date: string | string[] | undefined, startedAtMs: number): Finding {
  const server = Date.parse(String(date));
  if (Number.isNaN(server)) return skipped('clock', 'the console does not tell its time');
  const now = Date.now();
  const difference = server < startedAtMs ? startedAtMs - server : Math.max(0, server - now);
  if (difference <= CLOCK_DIFFERENCE_MAX_MS)
    return ok('clock', 'this machine and the server agree');
  const where = server < startedAtMs ? 'behind' : 'ahead of';
  return fault(
    'clock',
    `the server is ${Math.round(difference / 1_000)} s ${where} this machine: receivers refuse what was signed more than 5 minutes off`,
    'let both machines follow NTP (timedatectl set-ntp true)',
  );
}

/** Whoever runs this may reach what they name: it is their own machine that asks. */
async function get(url: string): Promise<HttpOutcome> {
  const everywhere = parseAllowSubnets('0.0.0.0/0,::/0');
  const client = createSafeHttpClient({
    policy: { allowSubnets: everywhere.ok ? everywhere.subnets : [], allowHttp: true },
  });
  const outcome = await client.send({ url, method: 'GET', headers: {}, timeoutMs: TIMEOUT_MS });
  await client.close({ graceMs: 0 });
  return outcome;
}
