import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import {
  AdminServiceService,
  AgentCredential,
  ApiKey,
  Role,
  Subscription,
  SubscriptionServiceService,
  Tenant,
} from '@hookline/contracts';
import { startTestService, type TestService } from '../test-service.ts';

/** Cases of each method; more of them, with HOOKLINE_FUZZ_CASES, for a soak. */
const CASES = Number(process.env.HOOKLINE_FUZZ_CASES ?? 30);
const SEED = Number(process.env.HOOKLINE_FUZZ_SEED ?? 1);

let world: TestService;
let raw: Client;
before(async () => {
  world = await startTestService();
  raw = new Client(`127.0.0.1:${world.service.ports.grpc}`, credentials.createInsecure());
});
after(async () => {
  raw.close();
  await world[Symbol.asyncDispose]();
});

/** Numbers that look random and are the same in every run of one seed. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
const random = createRandom(SEED);
const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;

const texts = (id: string) => [
  id,
  '',
  'x',
  '\u0000',
  '\ud800',
  'sub_',
  '*',
  'server.*',
  'secret',
  'https://a.example.com/',
  'x'.repeat(3_000),
  '{"a":1}',
  '__proto__',
  'data.a',
  '-1',
  'é\u202e',
];

/** A field of protobuf: any number, any of the four wire types, contents that may be a message again. */
function randomField(id: string, depth: number): Buffer {
  const number = 1 + random(22);
  switch (random(depth > 5 ? 4 : 7)) {
    case 0:
      return Buffer.concat([varint(number << 3), varint(random(2 ** 31))]);
    case 1:
      return Buffer.concat([varint((number << 3) | 1), randomBytes(8)]);
    case 2:
      return Buffer.concat([varint((number << 3) | 5), randomBytes(4)]);
    case 3:
      return delimited(number, Buffer.from(pick(texts(id)), 'utf8'));
    default:
      return delimited(number, randomMessage(id, depth + 1));
  }
}

function randomMessage(id: string, depth = 0): Buffer {
  return Buffer.concat(Array.from({ length: random(7) }, () => randomField(id, depth)));
}

function randomBytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

function delimited(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    bytes.push((left % 128) | (left >= 128 ? 128 : 0));
    if (left < 128) return Buffer.from(bytes);
  }
}

/** What a call may end with: its answer, or a code that the contract names. */
const documented: readonly status[] = [
  status.OK,
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ABORTED,
  status.ALREADY_EXISTS,
  status.FAILED_PRECONDITION,
  status.RESOURCE_EXHAUSTED,
  status.UNAVAILABLE,
];

function call(method: Method, bytes: Buffer): Promise<{ code: status; details: string }> {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${world.asOperator.apiKey}`);
  const as = (content: Buffer) => content;
  return new Promise((resolve) => {
    const end = (error: ServiceError | null) =>
      resolve({ code: error?.code ?? status.OK, details: error?.details ?? '' });
    if (!method.responseStream) {
      raw.makeUnaryRequest(method.path, as, as, bytes, metadata, end);
      return;
    }
    const stream = raw.makeServerStreamRequest(method.path, as, as, bytes, metadata);
    stream.on('error', (error) => end(error as ServiceError));
    stream.once('data', () => {
      stream.cancel();
      end(null);
    });
  });
}

/** What a method's first field holds in a sound request: a message, or for most an id. */
function soundField(name: string, id: string): Uint8Array {
  const filter = { types: ['server.*'] };
  switch (name) {
    case 'createSubscription':
    case 'updateSubscription': {
      const wanted = { id, url: 'https://a.example.com/', filter };
      return Subscription.encode(Subscription.fromPartial(wanted)).finish();
    }
    case 'createTenant':
      return Tenant.encode(Tenant.fromPartial({ name: `fuzz-${random(2 ** 31)}` })).finish();
    case 'createApiKey':
      return ApiKey.encode(ApiKey.fromPartial({ role: Role.ROLE_VIEWER })).finish();
    case 'createAgentCredential':
      return AgentCredential.encode(AgentCredential.fromPartial({ hostName: 'node-1' })).finish();
    default:
      return Buffer.from(id);
  }
}

const methods = { ...SubscriptionServiceService, ...AdminServiceService };
type Method = (typeof methods)[keyof typeof methods];

for (const [name, method] of Object.entries(methods) as [string, Method][]) {
  test(`random bytes and fields never make ${name} fail in a way that is not documented (seed ${SEED})`, async () => {
    let { id } = await world.create();
    const seen = new Set<status>();
    for (let round = 0; round < CASES; round += 1) {
      const isBytes = round % 5 === 0;
      const known = delimited(1, isBytes ? randomBytes(random(40)) : Buffer.from(id));
      const nested = delimited(1, Buffer.concat([known, randomMessage(id, 1)]));
      const start = pick([Buffer.alloc(0), known, nested]);
      const sound = delimited(1, Buffer.from(soundField(name, id)));
      const field = round % 5 === 1 ? sound : Buffer.concat([start, randomMessage(id)]);
      const bytes = isBytes ? randomBytes(random(60)) : field;
      const { code, details } = await call(method, bytes);
      assert.ok(
        documented.includes(code),
        `${status[code]} ${details} for ${bytes.toString('base64').slice(0, 300)}`,
      );
      seen.add(code);
      if (name === 'deleteSubscription' && code === status.OK) ({ id } = await world.create());
    }
    assert.ok(seen.size >= 2, `only ${[...seen].map((code) => status[code])}`);
  });
}
