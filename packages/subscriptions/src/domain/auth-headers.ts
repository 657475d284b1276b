import { virtfusionAuthorization } from '@hookline/webhook-formats';
import type { EndpointAuth } from './settings.ts';

/**
 * The headers that authenticate a request at its endpoint; empty without authentication. Format
 * `virtfusion` sends every bearer token in base64, as VirtFusion does.
 */
export function authHeaders(
  auth: EndpointAuth | undefined,
  format: string,
): Record<string, string> {
  switch (auth?.kind) {
    case undefined:
      return {};
    case 'bearer': {
      const encoded = auth.base64 || format === 'virtfusion';
      return {
        Authorization: encoded ? virtfusionAuthorization(auth.token) : `Bearer ${auth.token}`,
      };
    }
    case 'basic': {
      const pair = Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64');
      return { Authorization: `Basic ${pair}` };
    }
    case 'header':
      return { [auth.name]: auth.value };
  }
}
