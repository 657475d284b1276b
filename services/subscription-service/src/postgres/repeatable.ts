import type { TenantSealer } from '@hookline/credentials';
import {
  claimRequest,
  type HooklineSchema,
  keepResponse,
  type RepeatableCall,
} from '@hookline/event-log';
import type { Kysely } from 'kysely';

/** A message of ts-proto, as far as keeping it needs. */
export interface MessageCodec<M> {
  encode(message: M): { finish(): Uint8Array };
  decode(bytes: Uint8Array): M;
}

/** Claims a call's request id and keeps its answer, both in the transaction of the call. */
export interface CallMemory<M> {
  /** Ends the transaction by throwing when the call was answered before. Ask it first. */
  claim(transaction: Kysely<HooklineSchema>): Promise<void>;
  keep(transaction: Kysely<HooklineSchema>, answer: M): Promise<void>;
}

class RepeatedCall extends Error {
  readonly answer: string;

  constructor(answer: string) {
    super('the call was answered before');
    this.answer = answer;
  }
}

/** Runs a call, or answers as the first one with its request id was answered; `call` undefined: always runs. */
export async function repeatable<M>(
  options: {
    readonly call: RepeatableCall | undefined;
    readonly sealer: TenantSealer;
    readonly codec: MessageCodec<M>;
  },
  run: (memory: CallMemory<M>) => Promise<M>,
): Promise<M> {
  const { call, sealer, codec } = options;
  if (call === undefined) return await run({ claim: async () => {}, keep: async () => {} });
  await sealer.ready([call.tenant]);
  try {
    return await run({
      async claim(transaction) {
        const first = await claimRequest(transaction, call, sealer);
        if (first !== undefined) throw new RepeatedCall(first);
      },
      async keep(transaction, answer) {
        const text = Buffer.from(codec.encode(answer).finish()).toString('base64');
        await keepResponse(transaction, call, { text, sealer });
      },
    });
  } catch (error) {
    if (!(error instanceof RepeatedCall)) throw error;
    return codec.decode(Buffer.from(error.answer, 'base64'));
  }
}
