import { resolve } from 'node:path';
import { readEndpoints } from '@hookline/local-stack/endpoints';
import type { Run } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../output/exit-codes.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { findServer, NoServerError, type Server } from '../server/find-server.ts';
import type { doctorSpec } from '../specs/tool-specs.ts';
import { checkEndpointsFile, checkEnvironment, checkVariables } from './check-configuration.ts';
import { checkConsole, checkIngest } from './check-http.ts';
import { checkNats, servicesCreds } from './check-nats.ts';
import { checkPostgres } from './check-postgres.ts';
import { checkKey, checkServices } from './check-services.ts';
import { type Finding, fault } from './finding.ts';

/** Every check, whatever the others find. */
export const doctor: Run<typeof doctorSpec> = async ({ options }, context) => {
  const { env, output } = context;
  const dataDir = resolve(options['data-dir'] ?? (env.HOOKLINE_DATA_DIR || '.hookline'));
  const findings = [...checkEnvironment(env), await checkEndpointsFile(dataDir)];
  const server = await find(options, { env, dataDir }, findings);
  if (server !== undefined) findings.push(...(await checkServer(server, { env, dataDir })));
  const faults = findings.filter(({ state }) => state === 'fault').length;
  if (output.isJson) output.json({ faults_count: faults, checks: findings });
  else print(output, findings, faults);
  return faults === 0 ? exitCodes.done : exitCodes.failed;
};

interface Surroundings extends Pick<Context, 'env'> {
  readonly dataDir: string;
}

async function find(
  flags: { readonly server: URL | undefined; readonly 'api-key': string | undefined },
  { env, dataDir }: Surroundings,
  findings: Finding[],
): Promise<Server | undefined> {
  const endpoints = await readEndpoints(dataDir);
  const given = { url: flags.server, apiKey: flags['api-key'], endpoints, dataDir };
  try {
    return findServer({ ...given, env });
  } catch (error) {
    if (error instanceof NoServerError) {
      findings.push(fault('server', 'none is known', error.message));
      return undefined;
    }
    if (!(error instanceof UsageError)) throw error;
    // What can be looked at without the variables at fault is looked at.
    findings.push(...checkVariables(error));
    const names = new Set(error.faults.map(({ subject }) => subject));
    const sound = Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)));
    return endpoints === undefined ? undefined : findServer({ ...given, env: sound });
  }
}

async function checkServer(server: Server, { env, dataDir }: Surroundings): Promise<Finding[]> {
  const { endpoints } = server;
  const postgres =
    env.HOOKLINE_POSTGRES_OWNER_URL || env.HOOKLINE_POSTGRES_URL || endpoints?.postgres;
  const credsPath = servicesCreds(env.HOOKLINE_NATS_CREDS || undefined, dataDir);
  const found = await Promise.all([
    checkServices(server),
    checkKey(server),
    checkConsole(server.url),
    checkIngest(endpoints?.ingest),
    checkPostgres(postgres),
    checkNats({ url: env.HOOKLINE_NATS_URL || endpoints?.nats, credsPath }),
  ]);
  return found.flat();
}

const MARKS = { ok: ['green', '✓'], fault: ['red', '✗'], skipped: ['yellow', '-'] } as const;

function print(output: Output, findings: readonly Finding[], faults: number): void {
  for (const { check, state, text, mend } of findings) {
    const [colour, mark] = MARKS[state];
    output.line(`${output.colour(colour, mark)} ${check}: ${printable(text)}`);
    if (mend !== undefined) output.line(`    ${printable(mend)}`);
  }
  const verdict =
    faults === 0 ? 'no fault was found' : `${faults} ${faults === 1 ? 'fault' : 'faults'}`;
  output.line(`\n${output.colour(faults === 0 ? 'green' : 'red', verdict)}`);
}
