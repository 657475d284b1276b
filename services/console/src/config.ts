import { combineConfig, grpcAddresses, processConfig } from '@hookline/service-runtime';

export type ConsoleConfig = ReturnType<typeof consoleConfig>;

/** @throws ConfigurationError naming every variable at fault */
export function consoleConfig(env: Parameters<typeof processConfig>[0]) {
  const { process, addresses } = combineConfig(env, {
    process: processConfig,
    addresses: grpcAddresses,
  });
  return { ...process, addresses };
}
