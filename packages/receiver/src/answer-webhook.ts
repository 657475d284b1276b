import type { ReceivedFormat } from './events/events.ts';
import type { Verdict, VerifiedWebhook, WebhookReceiver, WebhookRequest } from './receiver.ts';
import type { SeenIds } from './seen-ids.ts';
import { WebhookError } from './webhook-error.ts';

export interface AnswerOptions<Format extends ReceivedFormat> {
  readonly receiver: WebhookReceiver<Format>;
  /** Without it every repeat is handled. */
  readonly seenIds?: SeenIds;
  /** What a webhook causes. What it throws is answered 500, and the webhook comes again. */
  readonly handle: (webhook: VerifiedWebhook<Format>) => unknown;
}

/** What to answer, and why. `message` is safe to send; `error` is for the receiver's own log. */
export type Answer = { readonly status: number; readonly message: string } & (
  | { readonly kind: 'handled' }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'refused'; readonly error: WebhookError }
  | { readonly kind: 'failed'; readonly error: unknown }
);

/**
 * The whole course of one request in any framework: verify, recognise a repeat, handle, and say
 * what to answer. `request` may be a promise of it, such as one that waits for readRawBody: a
 * WebhookError there is answered like any other. Never throws.
 */
export async function answerWebhook<Format extends ReceivedFormat>(
  request: WebhookRequest | Promise<WebhookRequest>,
  { receiver, seenIds, handle }: AnswerOptions<Format>,
): Promise<Answer> {
  let verdict: Verdict<Format>;
  try {
    verdict = receiver.verify(await request);
  } catch (error) {
    return error instanceof WebhookError ? refused(error) : failed(error);
  }
  if (verdict.kind === 'refused') return refused(verdict.error);
  const { webhook } = verdict;
  try {
    const outcome = await (seenIds ?? withoutMemory).once(webhook.id, () => handle(webhook));
    if (outcome.kind === 'repeat')
      return { kind: 'repeat', status: 200, message: 'handled before' };
    if (outcome.kind === 'busy') {
      return { kind: 'busy', status: 503, message: 'being handled, try again later' };
    }
    return { kind: 'handled', status: 200, message: 'handled' };
  } catch (error) {
    return failed(error);
  }
}

/** Stands in where nobody keeps ids. */
const withoutMemory: Pick<SeenIds, 'once'> = {
  once: async (_id, handle) => ({ kind: 'done', result: await handle() }),
};

function failed(error: unknown): Answer {
  return { kind: 'failed', status: 500, message: 'the webhook could not be handled', error };
}

/** Only the code is told: a stranger who tries signatures learns no more than that. */
function refused(error: WebhookError): Answer {
  return { kind: 'refused', status: error.status, message: error.code, error };
}
