import type { IndexedSubscription } from '@hookline/subscriptions';

/** The header by which the subscriber asked us to authenticate; none without auth. */
export function authorizationOf(subscription: IndexedSubscription): Record<string, string> {
  const { auth } = subscription;
  switch (auth?.kind) {
    case undefined:
      return {};
    case 'bearer':
      return { authorization: `Bearer ${auth.base64 ? base64(auth.token) : auth.token}` };
    case 'basic':
      return { authorization: `Basic ${base64(`${auth.username}:${auth.password}`)}` };
    case 'header':
      return { [auth.name]: auth.value };
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
