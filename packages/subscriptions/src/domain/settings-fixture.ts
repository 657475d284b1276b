import type { SubscriptionFilter } from './filter.ts';
import type { SubscriptionSettings } from './settings.ts';

/** Settings that pass every check, with what the test cares about. */
export function settingsOf(
  given: Partial<Omit<SubscriptionSettings, 'filter'>> & {
    readonly filter?: Partial<SubscriptionFilter>;
  } = {},
): SubscriptionSettings {
  const { filter, ...rest } = given;
  return {
    url: 'https://receiver.example.com/hooks?shop=7',
    description: '',
    format: 'standard',
    options: {},
    headers: {},
    retryPolicy: { preset: 'standard' },
    timeoutMs: 15_000,
    ordering: 'none',
    notificationEmails: [],
    ...rest,
    filter: {
      types: ['server.*'],
      statuses: [],
      phases: [],
      subjects: [],
      attributes: [],
      ...filter,
    },
  };
}
