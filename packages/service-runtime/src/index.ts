export { createBoundedLabel } from './bounded-label.ts';
export { type BuildInfo, buildInfo } from './build-info.ts';
export {
  bootstrapVariables,
  type CommonConfig,
  commonConfig,
  connectionVariables,
  defaultPorts,
  grpcAddresses,
  grpcClientTlsVariables,
  grpcTlsVariables,
  mailFolder,
  mailVariables,
  masterKeyVariables,
  natsVariables,
  outboundVariables,
  type Ports,
  type ProcessConfig,
  postgresVariables,
  processConfig,
  processVariables,
  retentionVariables,
} from './common-config.ts';
export { type CredentialNotice, publishCredentialNotice } from './credential-notices.ts';
export {
  ConfigurationError,
  type ConfigurationFault,
  combineConfig,
  type Environment,
  readEnv,
  type ValuesOf,
  type Variable,
} from './environment.ts';
export { toDomainError } from './errors.ts';
export { checkEventData } from './event-data-check.ts';
export { metadataOfCall, originContext } from './grpc/act-of-call.ts';
export { type Authenticate, authenticateCalls } from './grpc/grpc-auth.ts';
export type {
  GrpcCall,
  GrpcHandler,
  GrpcImplementation,
  GrpcInterceptor,
  GrpcInvoke,
  GrpcMethodDefinition,
  GrpcServiceDefinition,
} from './grpc/grpc-call.ts';
export {
  createGrpcClient,
  type GrpcCallOptions,
  type GrpcClient,
  type GrpcClientOptions,
} from './grpc/grpc-client.ts';
export { fromGrpcError, toGrpcError } from './grpc/grpc-errors.ts';
export { FORWARDED_FOR, remoteAddressOf } from './grpc/grpc-peer.ts';
export { createGrpcServer, type GrpcServer, type GrpcServerOptions } from './grpc/grpc-server.ts';
export { type GrpcService, grpcService } from './grpc/grpc-service.ts';
export { domainErrorCodeOf, grpcStatusOf } from './grpc/grpc-status.ts';
export {
  type GrpcServerTls,
  type GrpcTlsPaths,
  grpcClientCredentials,
  openGrpcServerTls,
} from './grpc/grpc-tls.ts';
export { formatRateLimit, RATE_LIMIT_TRAILER } from './grpc/limit-calls.ts';
export { readPageSize, readPageToken, writePageToken } from './grpc/paging.ts';
export {
  createHealthServer,
  type HealthServer,
  type HealthServerOptions,
  type ReadinessCheck,
} from './health-server.ts';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http/http-server.ts';
export { httpStatusOf } from './http/http-status.ts';
export { type Problem, problemContentType, problemOf, toProblem } from './http/problem.ts';
export { requestSpan } from './http/server-spans.ts';
export { createLifecycle, type Lifecycle, type StopFunction } from './lifecycle.ts';
export {
  type Counter,
  createMetrics,
  type Gauge,
  type Histogram,
  type Labels,
  type Metrics,
} from './metrics.ts';
export { createPeriodic, type Periodic, type PeriodicOptions } from './periodic.ts';
export { type Part, type Platform, type PlatformOptions, startOnPlatform } from './platform.ts';
export { registerProcessMetrics } from './process-metrics.ts';
export { type RetryUntilOptions, reasonOf, retryUntil } from './retry-until.ts';
export {
  type ProcessPort,
  type RunningService,
  runService,
  type ServiceContext,
  type ServiceDefinition,
} from './run-service.ts';
export { type ListenTarget, listenError, StartError } from './start-error.ts';
export {
  createTokenBuckets,
  type Take,
  type TokenBuckets,
  type TokenBucketsOptions,
} from './token-buckets.ts';
export {
  address,
  bindAddress,
  boolean,
  integer,
  masterKey,
  masterKeys,
  natsUrls,
  oneOf,
  optional,
  subnets,
  text,
  urlOf,
} from './variables.ts';
