import { type Behaviour, type ReceivedRequest, startReceiver } from '@hookline/testing';
import { isVerified, type Verification, verifyRequest } from './verify.ts';

/** One webhook as it came in. */
export interface IncomingWebhook {
  /** The name of the subscription it came for. */
  readonly channel: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly attempt: number;
  readonly type: string;
  readonly data: unknown;
  readonly bodyText: string;
  readonly verification: Verification;
  /** What it was answered. */
  readonly answer: number;
}

export interface Inbox extends AsyncDisposable {
  /** Where the webhooks of a channel are to be sent. */
  urlOf(channel: string): string;
  /** Requests of this channel are checked with this secret. */
  expect(channel: string, secret: string): void;
  /** All that came and was about the server, verified or not. */
  readonly webhooks: readonly IncomingWebhook[];
  /** Resolves with true once an event was taken by a channel, with false when `timeoutMs` is over. */
  taken(which: { channel: string; eventId: string }, timeoutMs: number): Promise<boolean>;
}

export interface InboxOptions {
  /** Webhooks about other servers are taken without a word: the stack may have other work. */
  readonly serverId: string;
  /** What a webhook is answered. */
  readonly answer: (webhook: Omit<IncomingWebhook, 'answer'>) => number;
  readonly onWebhook: (webhook: IncomingWebhook) => void;
}

const BODY_SHOWN_MAX = 600;

/** A receiver on the loopback that checks what it gets. */
export async function openInbox(options: InboxOptions): Promise<Inbox> {
  const secrets = new Map<string, string>();
  const webhooks: IncomingWebhook[] = [];
  const watchers = new Set<() => void>();

  const receiver = await startReceiver({
    respond(request): Behaviour {
      const channel = request.path.split('/').at(-1) ?? '';
      const secret = secrets.get(channel);
      const body = parseBody(request.body);
      // A secret is known a moment after its subscription is made; nothing of ours is published before.
      if (secret === undefined || body?.data?.server_id !== options.serverId) return 200;
      const seen = describe(request, { channel, secret, body });
      const webhook = {
        ...seen,
        answer: isVerified(seen.verification) ? options.answer(seen) : 401,
      };
      webhooks.push(webhook);
      options.onWebhook(webhook);
      for (const watcher of [...watchers]) watcher();
      return webhook.answer;
    },
  });

  return {
    urlOf: (channel) => `${receiver.url}/${channel}`,
    expect: (channel, secret) => void secrets.set(channel, secret),
    webhooks,
    async taken({ channel, eventId }, timeoutMs) {
      const isThere = () =>
        webhooks.some(
          (webhook) =>
            webhook.channel === channel && webhook.eventId === eventId && webhook.answer === 200,
        );
      if (isThere()) return true;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(resolve, timeoutMs, false);
      const watcher = () => {
        if (isThere()) resolve(true);
      };
      watchers.add(watcher);
      const found = await promise;
      clearTimeout(timer);
      watchers.delete(watcher);
      return found;
    },
    [Symbol.asyncDispose]: () => receiver.stop(),
  };
}

interface Body {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly data?: { readonly server_id?: unknown };
}

function parseBody(body: Buffer): Body | undefined {
  try {
    return JSON.parse(body.toString()) as Body;
  } catch {
    return undefined;
  }
}

function describe(
  request: ReceivedRequest,
  { channel, secret, body }: { channel: string; secret: string; body: Body },
): Omit<IncomingWebhook, 'answer'> {
  const { headers } = request;
  return {
    channel,
    webhookId: String(headers['webhook-id']),
    eventId: String(headers['hookline-event-id']),
    attempt: Number(headers['hookline-attempt']),
    type: String(body.type),
    data: body.data,
    bodyText: request.body.toString().slice(0, BODY_SHOWN_MAX),
    verification: verifyRequest(request, secret),
  };
}
