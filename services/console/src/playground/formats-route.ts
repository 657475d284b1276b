import { formatNames, getFormat } from '@hookline/webhook-formats';
import type { FastifyInstance } from 'fastify';

/** `GET /console/formats`: every format with its options, for forms. */
export function registerFormats(app: FastifyInstance): void {
  const formats = formatNames.flatMap((name) => {
    const format = getFormat(name);
    if (format === undefined) return [];
    return {
      name,
      audience: format.audience,
      needs_bearer_token: format.credential === 'body',
      options: format.options.map((option) => ({
        name: option.name,
        description: option.description,
        default: option.defaultValue,
        is_required: option.required === true,
      })),
    };
  });
  app.get('/console/formats', async () => ({ data: formats }));
}
