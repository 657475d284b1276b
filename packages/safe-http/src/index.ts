export { type AddressVerdict, classifyAddress, type OutboundPolicy } from './address-rules.ts';
export { parseCertificateBundle } from './certificate-bundle.ts';
export type {
  CancelledOutcome,
  ConnectionFailedOutcome,
  DnsFailedOutcome,
  HttpOutcome,
  OverloadedOutcome,
  RefusedOutcome,
  RequestPhase,
  ResponseHead,
  ResponseHeaders,
  ResponseOutcome,
  ResponseTooLargeOutcome,
  TimeoutOutcome,
  TlsFailedOutcome,
} from './outcome.ts';
export { type ForwardProxy, parseProxy } from './proxy.ts';
export { checkHeader, type HttpRequest } from './request.ts';
export { createSystemResolver, type Resolve, type ResolverOptions } from './resolver.ts';
export {
  createSafeHttpClient,
  type SafeHttpClient,
  type SafeHttpOptions,
} from './safe-http-client.ts';
export { type ParsedSubnets, parseAllowSubnets, type Subnet } from './subnets.ts';
export {
  checkUrl,
  type RefusalCode,
  type UrlCheck,
  type UrlRefusal,
  urlLengthMax,
} from './url-rules.ts';
