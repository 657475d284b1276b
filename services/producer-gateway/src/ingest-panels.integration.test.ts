import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@hookline/testing';
import { startTestbed } from './test-gateway.ts';

interface Answer {
  readonly ids: readonly string[];
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly { readonly field: string; readonly detail: string }[];
}

/** One good body of each system, and what it becomes. */
const GOOD = {
  virtfusion: {
    body: '{"event":"server.boot","created":"2025-01-15T10:30:00.123456Z","hookId":1,"hookEventId":7,"eventStatus":"success","controlDomain":"cp.example.com","data":{"server":{"id":42,"settings":{"encryptedPassword":"s3cret"}},"errors":[]}}',
    type: 'server.started',
    broken: '{"created":"2025-01-15T10:30:00.123456Z","data":{}}',
    field: 'event',
  },
  'xen-orchestra': {
    body: '{"type":"post","callId":"k2j9","userId":"u","userName":"alice","method":"vm.start","params":{"id":"67aac198"},"timestamp":1736937000000,"duration":120,"result":true}',
    type: 'server.started',
    broken: '{"type":"post","callId":"k2j9"}',
    field: 'method',
  },
  proxmox: {
    body: '{"title":"backup","message":"done","severity":"info","timestamp":1736937000,"fields":{"type":"vzdump","hostname":"pve1"}}',
    type: 'server.backup.completed',
    broken: '{"severity":"info"}',
    field: 'title',
  },
  cloudevents: {
    body: '{"specversion":"1.0","id":"1","source":"/panel","type":"server.started","data":{"server_id":"42"}}',
    type: 'server.started',
    broken: '{"specversion":"1.0","source":"/panel","type":"server.started"}',
    field: 'id',
  },
  events: {
    body: '{"type":"server.started","id":"e1","data":{"server_id":"42"}}',
    type: 'server.started',
    broken: '{"data":{}}',
    field: 'type',
  },
} as const;

type System = keyof typeof GOOD;
const SYSTEMS = Object.keys(GOOD) as System[];
const contentTypeOf = (system: System) =>
  system === 'cloudevents' ? 'application/cloudevents+json' : 'application/json';

describe('what other systems send over HTTP', () => {
  let bed: Awaited<ReturnType<typeof startTestbed>>;
  let url: string;
  let healthPort: number;
  let key: string;
  before(async () => {
    bed = await startTestbed({ redactFields: 'iban' });
    const gateway = await bed.gateway();
    healthPort = gateway.ports.health;
    url = `http://127.0.0.1:${gateway.ports.http}`;
    key = await bed.apiKey('publisher');
  });
  after(() => bed.stop());

  const post = async (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    given: Record<string, string> = {},
  ) => {
    const headers = { authorization: `Bearer ${key}`, ...given };
    const response = await fetch(`${url}/ingest/${path}`, { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  const send = (system: System, body: string | Uint8Array<ArrayBuffer>) =>
    post(system, body, { 'content-type': contentTypeOf(system) });
  const eventOf = async (id: string | undefined) =>
    (await bed.events()).find(({ event_id }) => event_id === id);
  const lastRejected = async () => (await bed.rejected()).at(-1);
  const keyIdOf = (text: string) =>
    `key_${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;

  for (const system of SYSTEMS) {
    const { body, type, broken, field } = GOOD[system];

    test(`${system}: an event comes in once, however often its sender repeats it`, async () => {
      const answers = await Promise.all([send(system, body), send(system, body)]);
      answers.push(await send(system, body));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [202, 202, 202],
      );
      const ids = new Set(answers.flatMap(({ body: { ids } }) => ids));
      assert.equal(ids.size, 1);
      assert.equal((await eventOf([...ids][0]))?.type, type);
    });

    test(`${system}: the key is taken as bearer, in base64 and from the path; a wrong one is not`, async () => {
      const type = { 'content-type': contentTypeOf(system) };
      const base64 = { authorization: `Bearer ${Buffer.from(key).toString('base64')}` };
      assert.equal((await post(system, body, { ...type, ...base64 })).status, 202);
      const bare = { ...type, authorization: '' };
      assert.equal((await post(`${system}/${key}`, body, bare)).status, 202);
      const rejectedBefore = (await bed.rejected()).length;
      assert.equal((await post(system, body, bare)).status, 401);
      const wrong = `hk_${'x'.repeat(43)}`;
      const refused = await post(`${system}/${wrong}`, body, bare);
      assert.equal(refused.status, 401);
      assert.ok(!JSON.stringify(refused.body).includes(wrong));
      assert.equal((await bed.rejected()).length, rejectedBefore, 'of no tenant, so kept for none');
    });

    test(`${system}: what fails a check is answered by its fault and kept once with it`, async () => {
      const deep = `{"a":${'['.repeat(100)}${']'.repeat(100)}}`;
      const large = `{"a":"${'x'.repeat(1024 * 1024)}"}`;
      const faults: [string | Uint8Array<ArrayBuffer>, number, string, string?][] = [
        [broken, 400, system === 'cloudevents' ? 'invalid_cloud_event' : 'missing_field', field],
        ['{"a":', 400, 'not_json'],
        ['[]', 400, 'not_an_object'],
        [deep, 400, 'nested_too_deeply'],
        ['{"a":"\\u0000"}', 400, 'nul_character'],
        [Buffer.from([0x7b, 0xff, 0x7d]), 400, 'invalid_utf8'],
        [large, 413, 'too_large'],
      ];
      for (const [bad, status, code, at] of faults) {
        const before = (await bed.rejected()).length;
        const answers = [await send(system, bad), await send(system, bad)];
        const [answer] = answers;
        assert.deepEqual(
          answers.map((each) => each.status),
          [status, status],
          JSON.stringify(answer?.body),
        );
        assert.equal(answer?.body.errors[0]?.field, at);
        assert.equal(answer?.body.code, status === 413 ? 'payload_too_large' : code);
        const rejected = await bed.rejected();
        assert.equal(rejected.length, before + 1, 'the repeat makes no second row');
        const row = rejected.at(-1);
        assert.deepEqual(
          [row?.tenant, row?.channel, row?.subject, row?.code],
          ['default', 'http', `/ingest/${system}`, code],
        );
        assert.equal(row?.reason, answer?.body.detail);
        assert.equal(row?.payload_bytes, Buffer.byteLength(bad));
      }
    });

    test(`${system}: another content type or a compressed body is answered 415 and kept`, async () => {
      for (const [given, name] of [
        [{ 'content-type': 'application/x-www-form-urlencoded' }, 'content-type'],
        [{ 'content-type': contentTypeOf(system), 'content-encoding': 'gzip' }, 'content-encoding'],
      ] as const) {
        const answer = await post(system, body, given);
        assert.equal(answer.status, 415);
        assert.equal(answer.body.errors[0]?.field, name);
        const row = await lastRejected();
        assert.equal(row?.code, 'unsupported_media_type');
        assert.equal(JSON.parse(row?.headers ?? '')[name], given[name as 'content-type']);
      }
    });
  }

  test('two keys are two installations: neither swallows the calls of the other', async () => {
    const { body } = GOOD['xen-orchestra'];
    const other = await bed.apiKey('publisher');
    const first = await send('xen-orchestra', body);
    const second = await post('xen-orchestra', body, {
      authorization: `Bearer ${other}`,
      'content-type': 'application/json',
    });
    assert.notDeepEqual(first.body.ids, second.body.ids);
    const sources = await Promise.all(
      [first, second].map(async (answer) => (await eventOf(answer.body.ids[0]))?.source),
    );
    assert.deepEqual(sources, [
      `/xen-orchestra/${keyIdOf(key)}`,
      `/xen-orchestra/${keyIdOf(other)}`,
    ]);
  });

  test('secrets of panels are in no event and no rejected message, named ones among them', async () => {
    const secrets = '"encryptedPassword":"s3cret","iban":"DE02 s3cret"';
    const good = await send(
      'virtfusion',
      `{"event":"server.boot","data":{"server":{"id":1,"settings":{${secrets}}}}}`,
    );
    const event = await eventOf(good.body.ids[0]);
    assert.match(event?.data ?? '', /"iban":"\* redacted \*"/);
    assert.ok(!event?.data.includes('s3cret'));
    for (const bad of [`{"data":{${secrets}}}`, `{"data":{"name":"größe",${secrets}`]) {
      await send('virtfusion', bad);
      const row = await lastRejected();
      assert.ok(row !== undefined && !row.payload.includes('s3cret'));
      assert.equal(row.payload.toString(), bad.replaceAll(/"(DE02 )?s3cret"/g, '"* redacted *"'));
      assert.equal(row.payload_bytes, Buffer.byteLength(bad));
      assert.ok(!row.headers.includes(key));
    }
  });

  test('names that the catalogue does not know are carried through and counted', async () => {
    const unknown: [System, string, string][] = [
      ['virtfusion', '{"event":"server.Teleport","data":{}}', 'virtfusion.server.teleport'],
      ['xen-orchestra', '{"type":"pre","method":"vm.stats","callId":"1"}', 'xo.vm.stats'],
      ['proxmox', '{"title":"x","fields":{"type":"replication"}}', 'proxmox.replication'],
    ];
    for (const [system, body, type] of unknown) {
      const { body: answer } = await send(system, body);
      assert.equal((await eventOf(answer.ids[0]))?.type, type);
    }
    const metrics = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
    for (const name of ['virtfusion', 'xo', 'proxmox']) {
      const line = new RegExp(
        `hookline_ingest_mismatched_total\\{(?=[^}]*channel="http")(?=[^}]*code="unknown_type")[^}]*system="${name}"[^}]*\\} 1$`,
        'm',
      );
      assert.match(metrics, line);
    }
  });

  test('a body that is larger than what is read is refused unread, and one without a key before that', async () => {
    const before = (await bed.rejected()).length;
    const body = `{"event":"${'x'.repeat(3 * 1024 * 1024)}"}`;
    assert.equal((await send('virtfusion', body)).status, 413);
    assert.equal((await post('virtfusion', body, { authorization: '' })).status, 401);
    assert.equal((await bed.rejected()).length, before);
  });

  test('what is rejected counts against the quota, so that a sender gone wrong fills no table', async () => {
    await bed.tenant('narrow', 1);
    const authorization = `Bearer ${await bed.apiKey('publisher', 'narrow')}`;
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const headers = { authorization, 'content-type': 'application/json' };
      statuses.push((await post('virtfusion', `{"n":${n}}`, headers)).status);
    }
    assert.equal(statuses[0], 400);
    assert.equal(statuses.at(-1), 429);
    const kept = (await bed.rejected()).filter(({ tenant }) => tenant === 'narrow');
    assert.equal(kept.length, statuses.filter((status) => status === 400).length);
  });

  test('P1 what can neither be stored nor kept is answered 503, good or bad', async () => {
    await send('virtfusion', GOOD.virtfusion.body);
    await bed.proxy.cut();
    const fresh = GOOD.virtfusion.body.replace('123456Z', '123457Z');
    assert.equal((await send('virtfusion', fresh)).status, 503);
    assert.equal((await send('virtfusion', '{"bad":1}')).status, 503);
    assert.equal(
      (
        await post('cloudevents', `[${GOOD.cloudevents.body},${GOOD.cloudevents.body}]`, {
          'content-type': 'application/cloudevents-batch+json',
        })
      ).status,
      503,
    );
    await bed.proxy.restore();
    await eventually(async () => {
      assert.equal((await send('virtfusion', fresh)).status, 202);
    });
    assert.equal((await send('virtfusion', '{"bad":1}')).status, 400);
    assert.equal((await lastRejected())?.payload.toString(), '{"bad":1}');
  });

  describe('CloudEvents', () => {
    const event = (id: string, change = '') =>
      `{"specversion":"1.0","id":"${id}","source":"/p","type":"server.started"${change},"data":{"server":{"id":7}, "n":1.0}}`;
    const batch = (...events: string[]) =>
      post('cloudevents', `[${events.join(', ')}]`, {
        'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      });

    test('a binary one has its attributes in headers, its data to the byte, its trace with it', async () => {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const { status, body } = await post('cloudevents', '{ "server_id": 9, "n": 1e2 }', {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': 'b1',
        'ce-source': '/p',
        'ce-type': 'server.started',
        'ce-status': 'fail',
        'ce-username': 'gr%C3%B6%C3%9Fe',
        traceparent,
      });
      assert.equal(status, 202);
      const row = await eventOf(body.ids[0]);
      assert.deepEqual(
        [row?.data, row?.subject, row?.status, row?.source],
        ['{ "server_id": 9, "n": 1e2 }', '9', 'fail', '/p'],
      );
      const extensions = JSON.parse(row?.extensions ?? '{}');
      assert.deepEqual([extensions.username, extensions.traceparent], ['größe', traceparent]);
      const empty = await post('cloudevents', new Uint8Array(), {
        'ce-specversion': '1.0',
        'ce-id': 'b2',
        'ce-source': '/p',
        'ce-type': 'user.created',
      });
      assert.equal((await eventOf(empty.body.ids[0]))?.data, 'null');
    });

    test('a batch is taken whole, in its order, and answered with an id for each', async () => {
      const { status, body } = await batch(event('1a'), event('1b'), event('1a'));
      assert.equal(status, 202);
      assert.equal(body.ids.length, 3);
      assert.equal(body.ids[0], body.ids[2]);
      const rows = await bed.events();
      const [first, second] = body.ids.map((id) => rows.find((row) => row.event_id === id));
      assert.ok(first !== undefined && second !== undefined && first.sequence < second.sequence);
      assert.deepEqual((await batch(event('1a'), event('1b'))).body.ids, body.ids.slice(0, 2));
      assert.deepEqual((await batch()).body.ids, []);
    });

    test('a batch with one bad event is refused whole, naming it, and kept', async () => {
      const before = (await bed.events()).length;
      const { status, body } = await batch(event('2a'), event('2b', ',"phase":"later"'));
      assert.equal(status, 400);
      assert.deepEqual([body.code, body.errors[0]?.field], ['invalid_phase', '[1].phase']);
      assert.equal((await bed.events()).length, before);
      assert.equal((await lastRejected())?.code, 'invalid_phase');
    });

    test('a batch that Postgres cannot store is refused whole', async () => {
      await bed.pool.query(`
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'not this one' USING ERRCODE = '22000'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON hookline.event_log FOR EACH ROW
          WHEN (NEW.subject = 'unstorable') EXECUTE FUNCTION refuse()`);
      const before = (await bed.events()).length;
      const { status, body } = await batch(event('3a'), event('3b', ',"subject":"unstorable"'));
      assert.equal(status, 400, JSON.stringify(body));
      assert.deepEqual([body.code, body.errors], ['unstorable', []]);
      assert.equal((await bed.events()).length, before);
      assert.equal((await lastRejected())?.code, 'unstorable');
    });
  });

  describe('a tenant in strict mode', () => {
    let strictKey: string;
    before(async () => {
      strictKey = await bed.apiKey('publisher', 'other');
      await bed.pool.query(
        `UPDATE hookline.tenant SET strict_event_types = true, custom_event_types = '{acme.special}',
           updated_at = now() WHERE name = 'other'`,
      );
      const odd = '{"type":"acme.odd","data":{}}';
      await eventually(async () => {
        assert.equal((await postAs('events', odd)).status, 400);
      });
    });
    const postAs = (path: string, body: string) =>
      post(path, body, {
        authorization: `Bearer ${strictKey}`,
        'content-type':
          path === 'cloudevents' ? 'application/cloudevents-batch+json' : 'application/json',
      });

    test('refuses over HTTP what its catalogue does not have, and takes its own types', async () => {
      const cases: [string, string, number, string?, string?][] = [
        ['events', '{"type":"acme.special","data":{"anything":1}}', 202],
        ['events', '{"type":"server.started","data":{"server_id":"1"}}', 202],
        ['events', '{"type":"acme.odd","data":{"a":1}}', 400, 'unknown_type', 'type'],
        [
          'events',
          '{"type":"server.started","data":{"name":7}}',
          400,
          'invalid_data',
          'data.server_id',
        ],
        ['xen-orchestra', '{"type":"pre","method":"vm.stats"}', 400, 'unknown_type', 'type'],
        ['xen-orchestra', '{"type":"pre","method":"vm.create","callId":"1"}', 202],
        ['virtfusion', GOOD.virtfusion.body, 202],
        ['proxmox', GOOD.proxmox.body, 202],
        [
          'cloudevents',
          `[${GOOD.cloudevents.body},${GOOD.cloudevents.body.replace('"server_id":"42"', '')}]`,
          400,
          'invalid_data',
          '[1].data.server_id',
        ],
      ];
      for (const [path, body, status, code, field] of cases) {
        const answer = await postAs(path, body);
        assert.equal(answer.status, status, `${path} ${body} ${JSON.stringify(answer.body)}`);
        if (status === 202) continue;
        assert.deepEqual([answer.body.code, answer.body.errors[0]?.field], [code, field]);
        const row = await lastRejected();
        assert.deepEqual([row?.tenant, row?.code], ['other', code]);
      }
    });

    test('rejects over NATS, and says so to the agent', async () => {
      const agent = await bed.agent('other', 'node-1');
      await agent.publish('acme.odd', '{}', { 'Nats-Msg-Id': 's1' });
      await agent.publish('server.started', '{"name":7}', { 'Nats-Msg-Id': 's2' });
      await agent.publish('server.started', '{"server_id":"1"}', { 'Nats-Msg-Id': 's3' });
      await eventually(() => assert.equal(agent.answers.length, 3));
      assert.deepEqual(
        agent.answers.map(({ rejected }) => rejected?.code),
        ['unknown_type', 'invalid_data', undefined],
      );
      const kept = (await bed.rejected()).filter(({ channel }) => channel === 'nats');
      // Those rejected in one statement have no order among them.
      assert.deepEqual(kept.map(({ tenant, code }) => `${tenant} ${code}`).toSorted(), [
        'other invalid_data',
        'other unknown_type',
      ]);
    });
  });
});
