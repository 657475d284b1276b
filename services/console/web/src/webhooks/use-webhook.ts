import { useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { HealthJson, WebhookJson } from '../api/types.ts';

/** One webhook. */
export function useWebhook(id: string) {
  const queries = useQueryClient();
  const queryKey = ['webhook', id];
  const { data, error } = useQuery({
    queryKey,
    queryFn: () => call<WebhookJson>(`/v1/webhooks/${id}`),
    refetchInterval: 5_000,
  });
  return {
    webhook: data,
    error,
    refetch: () =>
      void Promise.all([
        queries.invalidateQueries({ queryKey }),
        queries.invalidateQueries({ queryKey: ['health', id] }),
      ]),
  };
}

/** How its endpoint fares. */
export function useHealth(id: string) {
  return useQuery({
    queryKey: ['health', id],
    queryFn: () => call<HealthJson>(`/v1/webhooks/${id}/health`),
    refetchInterval: 5_000,
  });
}
