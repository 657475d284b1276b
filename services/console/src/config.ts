import {
  combineConfig,
  grpcAddresses,
  grpcClientTlsVariables,
  processConfig,
  readEnv,
} from '@hookline/service-runtime';

export type ConsoleConfig = ReturnType<typeof consoleConfig>;

/** @throws ConfigurationError naming every variable at fault */
export function consoleConfig(env: Parameters<typeof processConfig>[0]) {
  const { process, addresses, tls } = combineConfig(env, {
    process: processConfig,
    addresses: grpcAddresses,
    tls: (variables) => readEnv(variables, grpcClientTlsVariables),
  });
  return { ...process, ...tls, addresses };
}
