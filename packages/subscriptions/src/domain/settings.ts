import type { SubscriptionFilter } from './filter.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** How to authenticate at the endpoint, besides the signature. Holds a credential: never to be logged. */
export type EndpointAuth =
  | { readonly kind: 'bearer'; readonly token: string; readonly base64: boolean }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'header'; readonly name: string; readonly value: string };

/** A token bucket on the requests to one endpoint. */
export interface RateLimit {
  readonly requestsPerSecond: number;
  /** Requests that may come at once after a quiet time. */
  readonly burst?: number;
}

/** Requests under way to one endpoint from one dispatcher at most. */
export const ENDPOINT_REQUESTS_MAX = 64;
/** As many to an endpoint of which nothing is known yet. */
export const ENDPOINT_REQUESTS_AT_FIRST = 8;

export const orderings = ['none', 'per_server'] as const;
export type Ordering = (typeof orderings)[number];

/** What a subscriber chooses, checked and with the defaults filled in. */
export interface SubscriptionSettings {
  readonly url: string;
  readonly description: string;
  readonly filter: SubscriptionFilter;
  readonly format: string;
  /** Of the format, by name. */
  readonly options: Readonly<Record<string, string>>;
  /** Further request headers, names as the subscriber spelt them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly auth?: EndpointAuth;
  readonly retryPolicy: RetryPolicy;
  readonly rateLimit?: RateLimit;
  readonly timeoutMs: number;
  readonly ordering: Ordering;
  readonly notificationEmails: readonly string[];
}

/** What a tenant is called towards receivers, and who is told of trouble. */
export interface TenantSettings {
  readonly controlDomain: string;
  readonly controlName: string;
  readonly controlSupportLink: string;
  readonly contacts: readonly string[];
}
