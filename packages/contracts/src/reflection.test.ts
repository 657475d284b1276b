import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import * as grpc from './grpc.ts';
import { loadReflectionPackage } from './reflection.ts';

/** Field numbers of descriptor.proto; each declaration has its name in field 1. */
const file = { name: 1, package: 2, message: 4, enum: 5, service: 6 };
const service = { name: 1, method: 2 };

/** The length-delimited fields of a message that have one of these numbers. */
function fieldsOf(bytes: Uint8Array, number: number): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === number && wireType === 2) found.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return found;
}

const textOf = (bytes: Uint8Array, number: number): string =>
  Buffer.from(fieldsOf(bytes, number)[0] ?? []).toString();

const files = Object.values(loadReflectionPackage()).flatMap((entry) => entry.fileDescriptorProtos);
const ownFiles = files.filter((bytes) => textOf(bytes, file.package) === 'hookline.v1');
const declared = (kind: number): string[] =>
  ownFiles.flatMap((bytes) => fieldsOf(bytes, kind).map((declaration) => textOf(declaration, 1)));

/** Names that the domain has already taken. */
const renamed: Record<string, string> = {
  Event: 'GrpcEvent',
  EventType: 'GrpcEventType',
  Phase: 'GrpcPhase',
  Status: 'GrpcStatus',
};

test('reflection knows every file, those of Google that they import included', () => {
  const names = files.map((bytes) => textOf(bytes, file.name));
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes('hookline/v1/subscription_service.proto'));
  assert.ok(names.includes('google/protobuf/timestamp.proto'));
});

test('the public face exports every message, enum, service and client of the protos', () => {
  const services = declared(file.service).flatMap((name) => [`${name}Service`, `${name}Client`]);
  const expected = [...declared(file.message), ...declared(file.enum), ...services];
  const missing = expected.filter((name) => !((renamed[name] ?? name) in grpc));
  assert.deepEqual(missing, []);
});

test('the services have the methods of the contract', () => {
  const methods = ownFiles
    .flatMap((bytes) => fieldsOf(bytes, file.service))
    .map((bytes): [string, string] => {
      const names = fieldsOf(bytes, service.method).map((method) => textOf(method, 1));
      return [textOf(bytes, service.name), names.join(' ')];
    });
  assert.deepEqual(Object.fromEntries(methods), {
    SubscriptionService:
      'CreateSubscription GetSubscription ListSubscriptions UpdateSubscription DeleteSubscription PauseSubscription ResumeSubscription RotateSecret PingSubscription GetSubscriptionHealth ListEventTypes WatchSubscriptions',
    IngestService: 'PublishEvent PublishEvents',
    DeliveryService:
      'ListDeliveries GetDelivery RetryDelivery TailAttempts ListEvents GetEvent CreateReplay GetReplay ListReplays CancelReplay SkipOrderedHead GetOverview TryWebhook',
    DeadLetterService:
      'ListDeadLetters GetDeadLetter RedriveDeadLetters DiscardDeadLetters ListRejected ResubmitRejected ListIncidents',
    AdminService:
      'CreateTenant GetTenant ListTenants UpdateTenant DeleteTenant CreateApiKey GetApiKey ListApiKeys RevokeApiKey CreateAgentCredential GetAgentCredential ListAgentCredentials RevokeAgentCredential ListAudit GetCaller',
  });
});
