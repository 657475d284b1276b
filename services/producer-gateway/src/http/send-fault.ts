import { problemContentType, toProblem } from '@hookline/service-runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Fault } from './received.ts';

/** Answers what is wrong with a request of a publisher, as `application/problem+json`. */
export function sendFault(request: FastifyRequest, reply: FastifyReply, fault: Fault): void {
  const { field, reason: detail } = fault;
  const errors = field === undefined ? [] : [{ field, detail }];
  const problem = toProblem({ ...kindOf(fault), detail, errors }, request.id);
  void reply
    .code(problem.status)
    .header('content-type', problemContentType)
    .send(JSON.stringify(problem));
}

/** Two have a status of their own in HTTP, and the code that goes with it everywhere. */
function kindOf({ code, field }: Fault): { readonly status: number; readonly code: string } {
  if (code === 'too_large') return { status: 413, code: 'payload_too_large' };
  if (field === 'content-type' || field === 'content-encoding') {
    return { status: 415, code: 'unsupported_media_type' };
  }
  return { status: 400, code };
}
