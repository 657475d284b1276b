import assert from 'node:assert/strict';
import { test } from 'node:test';
import { office365 } from './office365.ts';
import { sampleEvent, sampleEventBefore, sampleTarget } from './sample-event.ts';
import { xenOrchestra } from './xen-orchestra.ts';

interface Card {
  readonly sections: readonly [
    { readonly title: string },
    { readonly facts: readonly { readonly name: string; readonly value: string }[] },
  ];
}

const cardOf = (event: ReturnType<typeof sampleEvent>) =>
  JSON.parse(office365.render(event, sampleTarget())?.body ?? '') as Card;

test('a call of Xen Orchestra is the card that its plugin sends', () => {
  const source =
    '{"callId":"0","userId":"b4tm4n","userName":"bruce.wayne@waynecorp.com","method":"vm.start","params":{"id":"67aac198-0174-11ea-8d71-362b9e155667"},"timestamp":500,"duration":500,"result":"","type":"post"}';
  assert.deepEqual(cardOf(sampleEvent({ data: `{"source":${source}}` })), {
    '@type': 'MessageCard',
    '@context': 'https://schema.org/extensions',
    themeColor: '6B63BF',
    summary: 'New notification from the Xen-Orchestra webhook plugin',
    sections: [
      { title: 'XO POST notification' },
      {
        facts: [
          { name: 'callId', value: '0' },
          { name: 'userId', value: 'b4tm4n' },
          { name: 'userName', value: 'bruce.wayne@waynecorp.com' },
          { name: 'method', value: 'vm.start' },
          { name: 'params', value: '{"id":"67aac198-0174-11ea-8d71-362b9e155667"}' },
          { name: 'timestamp', value: '500' },
          { name: 'duration', value: '500' },
          { name: 'result', value: '' },
        ],
      },
    ],
  });
});

test('an event from elsewhere is the card of the call it goes out as', () => {
  const [heading, { facts }] = cardOf(sampleEventBefore()).sections;
  assert.equal(heading.title, 'XO PRE notification');
  assert.deepEqual(
    facts.map(({ name }) => name),
    ['callId', 'userId', 'userName', 'method', 'params', 'timestamp'],
  );
});

test('a card is within what Teams takes, and filters are those of Xen Orchestra', () => {
  const data = JSON.stringify({
    server_id: 's',
    text: '☃'.repeat(60_000),
    result: ['☃'.repeat(60_000)],
  });
  const body = office365.render(sampleEvent({ data }), sampleTarget())?.body ?? '';
  assert.ok(Buffer.byteLength(body) <= 28 * 1024, `${Buffer.byteLength(body)}`);
  assert.deepEqual(office365.filterViews(sampleEvent()), xenOrchestra.filterViews(sampleEvent()));
  assert.equal(office365.checkFilterPattern('backupNg.runJob'), undefined);
});
