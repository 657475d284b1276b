/** What a client of the services needs, without what a service needs: it loads in a fraction of the time. */
export { createGrpcClient, type GrpcCallOptions, type GrpcClient } from './grpc-client.ts';
export { fromGrpcError } from './grpc-errors.ts';
export { grpcClientCredentials } from './grpc-tls.ts';
