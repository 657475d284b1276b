export { findFreePortOffset, freePort } from '@hookline/local-stack/servers';
export { type EventuallyOptions, eventually } from './eventually.ts';
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
} from './receiver.ts';
export { type TempDir, tempDir } from './temp-dir.ts';
