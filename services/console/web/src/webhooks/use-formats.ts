import { useQuery } from '@tanstack/react-query';
import { call, withQuery } from '../api/client.ts';
import type { EventTypeJson, FormatJson } from '../api/types.ts';

interface All<T> {
  readonly data: readonly T[];
}

const FOREVER = { staleTime: Number.POSITIVE_INFINITY };

/** Every format that the server knows, with its options. */
export function useFormats(): readonly FormatJson[] {
  const formats = useQuery({
    ...FOREVER,
    queryKey: ['formats'],
    queryFn: () => call<All<FormatJson>>('/console/formats'),
  });
  return formats.data?.data ?? [];
}

/** The catalogue of event types, the tenant's own included. */
export function useEventTypes(): readonly EventTypeJson[] {
  const types = useQuery({
    ...FOREVER,
    queryKey: ['event-types'],
    queryFn: () => call<All<EventTypeJson>>(withQuery('/v1/event-types', { page_size: 1000 })),
  });
  return types.data?.data ?? [];
}
