import {
  bootstrapVariables,
  combineConfig,
  commonConfig,
  type Environment,
  integer,
  natsUrls,
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

/** For managing the agents of a NATS server in operator mode. */
const agentVariables = {
  /** The keys of the NATS operator: whoever has them can mint anything. Without it agents are not managed here. */
  natsAuthorityPath: optional(
    text({
      name: 'HOOKLINE_NATS_AUTHORITY',
      rule: "the path of the authority file with the NATS operator's keys",
    }),
  ),
  /** Where agents connect to, when that is not where services do. */
  agentNatsUrls: optional(natsUrls({ name: 'HOOKLINE_AGENT_NATS_URLS' })),
  /** Credentials made with the installation, to be put on record. */
  bootstrapAgentCredsPath: optional(
    text({ name: 'HOOKLINE_BOOTSTRAP_AGENT_CREDS', rule: 'the path of a credentials file' }),
  ),
};

const quotaDefaults = {
  /** Of tenants whose own quota says nothing. */
  credentialsMax: integer({
    name: 'HOOKLINE_CREDENTIALS_MAX',
    fallback: 1_000,
    min: 1,
    max: 1_000_000,
    unit: 'API keys and agent credentials of a tenant',
  }),
};

export type SubscriptionServiceConfig = ReturnType<typeof subscriptionServiceConfig>;

/** @throws ConfigurationError naming every variable at fault */
export function subscriptionServiceConfig(env: Environment) {
  const { common, outbound, keys, quotas, agents } = combineConfig(env, {
    common: commonConfig,
    outbound: (variables) => readEnv(variables, outboundVariables),
    keys: (variables) => readEnv(variables, bootstrapKeys),
    agents: (variables) => readEnv(variables, agentVariables),
    quotas: (variables) => readEnv(variables, quotaDefaults),
  });
  return { ...common, ...outbound, ...keys, ...quotas, ...agents };
}
