import type { Warning } from '@hookline/contracts';
import type { FastifyReply } from 'fastify';
import { restFieldOf } from './field-names.ts';

export const warningHeader = {
  'hookline-warning': 'What is allowed but unwise, such as a short secret; one header for each.',
} as const;

/** The body has no place for warnings, so each is a header. */
export function warn(reply: FastifyReply, warnings: readonly Warning[]): void {
  if (warnings.length === 0) return;
  const texts = warnings.map(({ field, description }) =>
    `${restFieldOf(field)}: ${description}`.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 500),
  );
  void reply.header('hookline-warning', texts);
}
