import { type Receiver, startReceiver } from '../receiver.ts';
import { discord } from './discord.ts';
import { googleChat } from './google-chat.ts';
import { pushover } from './pushover.ts';
import { ChatRefusal } from './shape.ts';
import { slack } from './slack.ts';
import type { ChatAnswer, ChatRequest, ChatStandIn, SeenMessage } from './stand-in.ts';
import { telegram } from './telegram.ts';

export type { ChatRequest } from './stand-in.ts';

/** Stand-ins for the chat services that Hookline writes to, by the name of their format. */
export const chatStandIns = { slack, discord, 'google-chat': googleChat, pushover, telegram };

export type ChatServiceName = keyof typeof chatStandIns;

/** What a stand-in made of one request. */
export interface ChatVerdict extends SeenMessage {
  /** Why it was refused, in the service's own words; undefined when it was taken. */
  readonly refusal: string | undefined;
  readonly answer: ChatAnswer;
}

/** What the service says to a request. Nobody sees or is called by a message that is refused. */
export function judgeChatRequest(name: ChatServiceName, request: ChatRequest): ChatVerdict {
  const standIn: ChatStandIn = chatStandIns[name];
  try {
    return { ...standIn.read(request), refusal: undefined, answer: standIn.taken(request) };
  } catch (error) {
    if (!(error instanceof ChatRefusal)) throw error;
    const answer = standIn.refused(error);
    return { shown: [], pings: [], refusal: error.message, answer };
  }
}

export interface ChatService {
  /** An address that takes messages, with a credential in it where the service has one there. */
  readonly url: string;
  readonly receiver: Receiver;
  /** What came of every request, oldest first. */
  readonly verdicts: readonly ChatVerdict[];
  stop(): Promise<void>;
}

/** Starts a stand-in as an HTTP server on a free port of the loopback, which answers as the service does. */
export async function startChatService(name: ChatServiceName): Promise<ChatService> {
  const verdicts: ChatVerdict[] = [];
  const receiver = await startReceiver({
    respond: ({ method, path, headers, body }) => {
      const contentType = headers['content-type'] ?? '';
      const verdict = judgeChatRequest(name, { method, path, contentType, body: body.toString() });
      verdicts.push(verdict);
      const { status, body: answer, contentType: answered } = verdict.answer;
      return { kind: 'respond', status, body: answer, headers: { 'content-type': answered } };
    },
  });
  return {
    url: `http://127.0.0.1:${receiver.port}${chatStandIns[name].path}`,
    receiver,
    verdicts,
    stop: () => receiver.stop(),
  };
}
