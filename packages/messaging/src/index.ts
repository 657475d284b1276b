export { askAll, broadcast, type Listening, listen } from './broadcast.ts';
export { connectNats, type Nats, type NatsOptions } from './connect.ts';
export {
  type BatchConsumer,
  type ConsumeBatchesOptions,
  consumeBatches,
} from './consume-batches.ts';
export { jetStreamCodeOf, jetStreamCodes } from './jetstream-error.ts';
export { type Lane, type LaneOptions, type Lanes, type LanesOptions, openLanes } from './lanes.ts';
export type { LoggerPort } from './logger-port.ts';
export {
  createPublisher,
  PublishError,
  type PublishErrorCode,
  type Publisher,
  type PublisherOptions,
  type PublishOptions,
} from './publisher.ts';
export type { ReceivedMessage } from './received-message.ts';
export { type Answering, answerRequests, ask, type Reply } from './request-reply.ts';
export {
  ensureStream,
  ensureStreams,
  inspectStream,
  StreamError,
  type StreamState,
} from './streams.ts';
export {
  publishWakeUp,
  subscribeWakeUps,
  type WakeUp,
  type WakeUpSubscription,
} from './wake-ups.ts';
export { type StreamWatch, type WatchStreamsOptions, watchStreams } from './watch-streams.ts';
