import type { IndexedSubscription } from '@hookline/subscriptions';
import { getFormat } from '@hookline/webhook-formats';

/**
 * The URL that goes on record with an attempt: as the subscriber gave it, but for chat services that
 * have their credential in it. Attempts are kept, tailed and exported by more people than may read
 * the subscription. Empty for a subscription that nobody remembers any more, whose address is not
 * known either.
 */
export function attemptUrl({
  url,
  format,
}: Partial<Pick<IndexedSubscription, 'url' | 'format'>>): string {
  if (url === undefined) return '';
  return getFormat(format ?? '')?.shownUrl?.(url) ?? url;
}
