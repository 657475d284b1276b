import { ROOT_CONTEXT } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { OtelSettings } from './otel-variables.ts';
import type { Tracing } from './tracing.ts';

/**
 * The configured sampler as a function of the trace id and the flag that came with it: every service
 * comes to the same decision about a trace, today and when it is retried days later.
 *
 * Those that are parent based believe the flag of whoever began the trace, publishers among them.
 */
export function createSampling({
  sampler,
  ratio,
}: Pick<OtelSettings, 'sampler' | 'ratio'>): Tracing['isSampled'] {
  const byRatio = new TraceIdRatioBasedSampler(ratio);
  const isWithinRatio = (traceId: string): boolean =>
    byRatio.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
  switch (sampler) {
    case 'always_on':
      return () => true;
    case 'always_off':
      return () => false;
    case 'traceidratio':
      return isWithinRatio;
    case 'parentbased_always_on':
      return (_traceId, parentSampled) => parentSampled ?? true;
    case 'parentbased_always_off':
      return (_traceId, parentSampled) => parentSampled ?? false;
    case 'parentbased_traceidratio':
      return (traceId, parentSampled) => parentSampled ?? isWithinRatio(traceId);
  }
}
