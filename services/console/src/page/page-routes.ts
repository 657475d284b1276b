import { randomBytes } from 'node:crypto';
import { DomainError } from '@hookline/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NONCE, type PageFile, type PageFiles } from './page-files.ts';

/** What the page has of its own; each is an address that can be opened, sent and come back to. */
const PLACES = [
  'webhooks',
  'events',
  'deliveries',
  'dead-letters',
  'incidents',
  'rejected',
  'replays',
  'playground',
  'agents',
  'keys',
  'audit',
  'sign-in',
];

const UNBUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Hookline</title>
<h1>The page is not built yet</h1>
<p>A local stack builds it while it starts: load this again in some seconds. Otherwise run
<code>npx pnpm build:console</code>. REST at <code>/v1</code> works without it.</p></html>
`;

/** The page and its files. */
export function registerPage(app: FastifyInstance, files: PageFiles): void {
  const page = async (_request: FastifyRequest, reply: FastifyReply) => sendPage(reply, files);
  app.get('/', page);
  for (const place of PLACES) {
    app.get(`/${place}`, page);
    app.get(`/${place}/:id`, page);
  }
  app.get('/webhooks/:id/edit', page);
  app.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    // Their names hold their hashes, so that what has been loaded is never loaded again.
    void reply.header('cache-control', 'public, max-age=31536000, immutable');
    return sendFile(request, reply, files.asset(request.params.name));
  });
  app.get('/icon.svg', async (request, reply) => {
    void reply.header('cache-control', 'no-cache');
    return sendFile(request, reply, files.icon());
  });
}

function sendPage(reply: FastifyReply, files: PageFiles): string {
  const page = files.page();
  const nonce = randomBytes(16).toString('base64');
  void reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', contentSecurityPolicy(nonce))
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin')
    .header('cross-origin-resource-policy', 'same-origin')
    .header('permissions-policy', 'camera=(), geolocation=(), microphone=()');
  if (page !== undefined) return page.replaceAll(NONCE, nonce);
  void reply.code(503).header('retry-after', '5');
  return UNBUILT;
}

/**
 * What the page may do: its own scripts and styles, and calls to where it came from. The nonce is for
 * style elements that the component library makes; scripts have none.
 */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: PageFile | undefined) {
  if (file === undefined) throw new DomainError('not_found', 'there is no such file of the page');
  void reply.type(file.type).header('vary', 'accept-encoding');
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return file.plain;
  void reply.header('content-encoding', 'gzip');
  return file.gzipped;
}
