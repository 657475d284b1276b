import type { Projection } from './projection.ts';
import { serverProjection } from './server-projection.ts';

/** Every projection there is, for the command line. */
export const projections: readonly Projection[] = [serverProjection];
