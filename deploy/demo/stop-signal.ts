/** Aborted when the container is to stop. */
export function stopSignal(): AbortSignal {
  const abort = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => abort.abort());
  return abort.signal;
}
