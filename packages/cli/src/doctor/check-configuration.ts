import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { envToConfig } from '@hookline/local-stack';
import {
  ConfigurationError,
  combineConfig,
  mailVariables,
  outboundVariables,
  readEnv,
  retentionVariables,
} from '@hookline/service-runtime';
import type { UsageError } from '../command/usage-error.ts';
import type { Environment } from '../context.ts';
import { type Finding, fault, ok, skipped } from './finding.ts';

const SERVICES = { ...mailVariables, ...outboundVariables, ...retentionVariables };

/** Every variable that more than one part reads, by the rules that the services have. */
export function checkEnvironment(env: Environment): Finding[] {
  try {
    combineConfig(env, { stack: envToConfig, services: (all) => readEnv(all, SERVICES) });
    return [ok('configuration', 'every variable that is set can be read')];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.faults.map(({ variable, value, rule }) =>
      fault(`configuration ${variable}`, `it is ${JSON.stringify(value)}`, `it must be ${rule}`),
    );
  }
}

/** Variables of the command line itself. */
export function checkVariables({ faults }: UsageError): Finding[] {
  return faults.map(({ subject, detail }) =>
    fault(`configuration ${subject}`, detail, `set ${subject} to what is asked for, or unset it`),
  );
}

/** Holds an admin key: whoever reads it is the operator. */
export async function checkEndpointsFile(dataDir: string): Promise<Finding> {
  const path = join(dataDir, 'endpoints.json');
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    return skipped('endpoints.json', `no stack runs on ${dataDir}`);
  }
  const others = found.mode & 0o077;
  if (others === 0) return ok('endpoints.json', 'its owner alone can read it');
  return fault(
    'endpoints.json',
    `others than its owner can read ${path}, which holds an admin key`,
    `chmod 600 ${path}, and revoke the key if somebody may have read it (keys list, keys revoke)`,
  );
}
