import {
  bootstrapVariables,
  combineConfig,
  commonConfig,
  type Environment,
  optional,
  outboundVariables,
  readEnv,
  text,
} from '@hookline/service-runtime';

/** Keys of the tenant that is made while there is none. */
const bootstrapKeys = {
  ...bootstrapVariables,
  /** A publisher's key besides the admin's; without it agents over HTTP and gRPC need one made later. */
  bootstrapPublisherKey: optional(
    text({
      name: 'HOOKLINE_BOOTSTRAP_PUBLISHER_KEY',
      secret: true,
      pattern: /^hk_[A-Za-z0-9_-]{43}$/,
      rule: 'hk_ and 32 bytes in base64url (43 characters)',
    }),
  ),
};

export type SubscriptionServiceConfig = ReturnType<typeof subscriptionServiceConfig>;

/** @throws ConfigurationError naming every variable at fault */
export function subscriptionServiceConfig(env: Environment) {
  const { common, outbound, keys } = combineConfig(env, {
    common: commonConfig,
    outbound: (variables) => readEnv(variables, outboundVariables),
    keys: (variables) => readEnv(variables, bootstrapKeys),
  });
  return { ...common, ...outbound, ...keys };
}
