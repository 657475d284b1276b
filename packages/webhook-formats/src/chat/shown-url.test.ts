import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getFormat } from '../registry.ts';
import { withoutCredential } from './shown-url.ts';

test('an address of a chat service is shown without what gives access to it', () => {
  const cases: [string, string][] = [
    ['https://hooks.slack.com/services/T024/B024/abc', 'https://hooks.slack.com/services/…/…/…'],
    [
      'https://discord.com/api/v10/webhooks/123/tok?thread_id=5',
      'https://discord.com/api/v10/webhooks/…/…?…',
    ],
    [
      'https://chat.googleapis.com/v1/spaces/AAA/messages?key=k&token=t',
      'https://chat.googleapis.com/v1/spaces/…/messages?…',
    ],
    ['https://api.telegram.org/bot1:A/sendMessage', 'https://api.telegram.org/…/sendMessage'],
    [
      'https://mattermost.example.com:8443/hooks/abc',
      'https://mattermost.example.com:8443/hooks/…',
    ],
    ['https://user:pass@relay.example.com', 'https://relay.example.com/'],
    ['nonsense', '…'],
  ];
  for (const [url, shown] of cases) assert.equal(withoutCredential(url), shown);
});

test('only formats whose credential stands in the URL hide any of it', () => {
  const hiding = (name: string) => getFormat(name)?.shownUrl !== undefined;
  for (const name of ['slack', 'discord', 'google-chat', 'telegram']) {
    assert.equal(hiding(name), true, name);
  }
  for (const name of ['pushover', 'standard', 'xen-orchestra', 'office365']) {
    assert.equal(hiding(name), false, name);
  }
});
