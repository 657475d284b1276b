import {
  combineConfig,
  grpcAddresses,
  grpcClientTlsVariables,
  masterKey,
  optional,
  processConfig,
  readEnv,
} from '@hookline/service-runtime';

export type ConsoleConfig = ReturnType<typeof consoleConfig>;

const sessionVariables = {
  /** Seals the sessions of the page. Without it one is made, and sessions end with the process. */
  sessionKey: optional(masterKey({ name: 'HOOKLINE_SESSION_KEY' })),
};

/** @throws ConfigurationError naming every variable at fault */
export function consoleConfig(env: Parameters<typeof processConfig>[0]) {
  const { process, addresses, tls, session } = combineConfig(env, {
    process: processConfig,
    addresses: grpcAddresses,
    tls: (variables) => readEnv(variables, grpcClientTlsVariables),
    session: (variables) => readEnv(variables, sessionVariables),
  });
  return { ...process, ...tls, ...session, addresses };
}
