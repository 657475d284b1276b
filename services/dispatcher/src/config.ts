import {
  combineConfig,
  commonConfig,
  connectionVariables,
  type Environment,
  outboundVariables,
  readEnv,
} from '@hookline/service-runtime';

export type DispatcherConfig = ReturnType<typeof dispatcherConfig>;

/** @throws ConfigurationError naming every variable at fault */
export function dispatcherConfig(env: Environment) {
  const { common, outbound } = combineConfig(env, {
    common: commonConfig,
    outbound: (values) => readEnv(values, { ...outboundVariables, ...connectionVariables }),
  });
  return { ...common, ...outbound };
}
