/** The JSON text of one event's data, about 240 bytes, the same length for every server. */
export function sampleData({
  server,
  publishedUs,
}: {
  readonly server: number;
  /** Microseconds of the monotonic clock. */
  readonly publishedUs: number;
}): string {
  const number = String(server).padStart(5, '0');
  return `{"server_id":"srv_${number}","name":"web-${number}","status":"running","ip":"192.0.2.10","node":"node-1","vcpus":2,"memory_mb":4096,"disk_gb":40,"tags":["production","web"],"published_us":${String(publishedUs).padStart(14, ' ')},"uptime_s":0}`;
}
