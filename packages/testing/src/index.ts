export { findFreePortOffset, freePort } from '@hookline/local-stack/servers';
export {
  type ChatRequest,
  type ChatService,
  type ChatServiceName,
  type ChatVerdict,
  chatStandIns,
  judgeChatRequest,
  startChatService,
} from './chat-services/chat-service.ts';
export {
  type DebianProgram,
  type DebianProgramOptions,
  debianProgram,
} from './debian-program.ts';
export { type DnsAnswer, type DnsServer, startDnsServer } from './dns-server.ts';
export { type EventuallyOptions, eventually } from './eventually.ts';
export { forbiddenHosts } from './forbidden-hosts.ts';
export {
  type ProxyAnswer,
  startTestProxy,
  type TestProxy,
  type TestProxyOptions,
} from './forward-proxy.ts';
export {
  type Http2Behaviour,
  type Http2Receiver,
  type Http2ReceiverOptions,
  type Http2Request,
  http2Codes,
  startHttp2Receiver,
} from './http2-receiver.ts';
export { createLineWitness, type LineWitness } from './line-witness.ts';
export { startTestNats, type TestNats, type TestNatsOptions } from './nats.ts';
export {
  type CollectedSpan,
  type CollectorBehaviour,
  type OtlpCollector,
  startOtlpCollector,
} from './otlp-collector.ts';
export {
  createTestDatabase,
  startTestPostgres,
  TEST_POSTGRES_VARIABLE,
  type TestDatabase,
  type TestDatabaseOptions,
  type TestPostgres,
  withSharedTestServers,
} from './postgres.ts';
export {
  type Behaviour,
  type ReceivedRequest,
  type Receiver,
  type ReceiverOptions,
  type ReceiverTls,
  type Respond,
  type SilentReceiver,
  startReceiver,
  startSilentReceiver,
  testOnlyCertificateAuthority,
  testOnlyTls,
  testOnlyTlsExpired,
  testOnlyTlsOfAnotherHost,
  testOnlyTlsSelfSigned,
} from './receiver.ts';
export { startSmtpServer, type TestSmtpServer } from './smtp-server.ts';
export { startTcpRelay, type TcpRelay } from './tcp-relay.ts';
export { type TempDir, tempDir } from './temp-dir.ts';
