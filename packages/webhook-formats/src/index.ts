export { type DeliveryAttempt, deliveryHeaders } from './delivery-headers.ts';
export type {
  FilterView,
  FormatOption,
  FormatTarget,
  RenderedWebhook,
  WebhookFormat,
} from './format.ts';
export {
  checkDestination,
  checkOptions,
  choice,
  type Destination,
  type OptionFault,
} from './options.ts';
export { formatNames, getFormat } from './registry.ts';
export { virtfusionAuthorization } from './virtfusion.ts';
