/** Parameters that several lists and revocations of the administration share. */
export const tenantProperty = {
  tenant: {
    type: 'string',
    maxLength: 100,
    description: 'The tenant’s name. Default: one’s own; another one only by the operator.',
  },
} as const;

export const inactiveProperty = {
  include_inactive: {
    type: 'boolean',
    description: 'Whether to list revoked and expired ones as well.',
  },
} as const;

export const reasonProperty = {
  reason: {
    type: 'string',
    maxLength: 500,
    description: 'Why, for the audit log.',
  },
} as const;
