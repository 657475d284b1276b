/** What the benchmark and its helper processes say to each other. */

export type SinkCommand =
  | { readonly kind: 'snapshot' }
  /** Forgets the latencies there are, and begins or ends to measure them. */
  | { readonly kind: 'record'; readonly latencies: boolean }
  /** How requests are answered from now on; at first with 204. */
  | { readonly kind: 'answer'; readonly how: SinkAnswer };

/** `never`: the request is read, and that is all. */
export type SinkAnswer = 204 | 500 | 'never';

export interface SinkSnapshot {
  readonly kind: 'snapshot';
  /** Requests ever received. */
  readonly received: number;
  /** The sink's clock. */
  readonly atMs: number;
  /** From publish to receipt, of every request since `record`. */
  readonly latenciesUs: readonly number[];
}

export type SinkReport =
  | SinkSnapshot
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'progress'; readonly received: number };

export type AgentCommand =
  | {
      readonly kind: 'connect';
      readonly url: string;
      readonly credsPath: string | null;
      readonly inboxPrefix: string;
      readonly subjectPrefix: string;
    }
  /** Publishes as fast as it may: at most `window` events beyond those said to be delivered. */
  | { readonly kind: 'flood'; readonly types: readonly string[]; readonly window: number }
  | { readonly kind: 'delivered'; readonly events: number }
  /** Publishes evenly, of the types in turn; `confirm` asks for a confirmation of each event. */
  | {
      readonly kind: 'pace';
      readonly types: readonly string[];
      readonly perSecond: number;
      readonly confirm?: boolean;
    }
  /** Answered with what was confirmed since the last time. */
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'stop' };

export type AgentReport =
  | { readonly kind: 'connected'; readonly natsVersion: string }
  | {
      readonly kind: 'confirmed';
      /** From publish to confirmation. */
      readonly latenciesUs: readonly number[];
      /** Published and not confirmed yet. */
      readonly awaited: number;
      readonly rejected: number;
    }
  /** Events since `flood` or `pace`, and how many of those JetStream refused. */
  | { readonly kind: 'stopped'; readonly published: number; readonly refused: number };

export interface RawLoopCommand {
  readonly kind: 'post';
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string;
  readonly concurrency: number;
  readonly durationMs: number;
}

export interface RawLoopReport {
  readonly kind: 'posted';
  readonly count: number;
  readonly elapsedMs: number;
}
