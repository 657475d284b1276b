import { createHash } from 'node:crypto';
import { DomainError, ListDeliveriesRequest } from '@hookline/contracts';

/** What the token is bound to: the same list asked for again, whatever the page. */
function fingerprint(request: ListDeliveriesRequest): string {
  const list = { ...request, pageToken: '', pageSize: 0 };
  const bytes = ListDeliveriesRequest.encode(list).finish();
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
}

/** An opaque token (AIP-158) that goes on below `lastId`. */
export function writePageToken(request: ListDeliveriesRequest, lastId: string): string {
  return Buffer.from(`${fingerprint(request)}:${lastId}`).toString('base64url');
}

/** Where the page of this request begins. Throws DomainError `invalid_argument` for a token of another list. */
export function readPageToken(request: ListDeliveriesRequest): string {
  const [print, lastId] = Buffer.from(request.pageToken, 'base64url').toString().split(':');
  if (lastId === undefined || print !== fingerprint(request)) {
    throw new DomainError('invalid_argument', 'page_token belongs to another list', {
      fields: [
        {
          field: 'page_token',
          detail:
            'is not one of this list; send the next_page_token of the page before with the same filters',
        },
      ],
    });
  }
  return lastId;
}
