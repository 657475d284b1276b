import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutboundPolicy } from './address-rules.ts';
import { parseAllowSubnets } from './subnets.ts';
import { checkUrl, type RefusalCode } from './url-rules.ts';

function policy(allowSubnets = '', allowHttp = false): OutboundPolicy {
  const parsed = parseAllowSubnets(allowSubnets);
  assert.ok(parsed.ok);
  return { allowSubnets: parsed.subnets, allowHttp };
}

function refusal(url: string, by = policy()): { code: RefusalCode; reason: string } {
  const checked = checkUrl(url, by);
  assert.ok(!checked.ok, `${url} was accepted`);
  return checked;
}

test('a public https URL passes with its port, path, query and fragment', () => {
  for (const url of [
    'https://example.com',
    'https://example.com:8443/hooks?token=a%20b#part',
    'https://EXAMPLE.com./x',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://bücher.example/',
  ]) {
    assert.ok(checkUrl(url, policy()).ok, url);
  }
});

const refused: readonly [code: RefusalCode, urls: readonly string[]][] = [
  ['url_invalid', ['', 'example.com/x', 'https://', 'https://exa mple.com', 'https://e.com/a\nb']],
  ['url_invalid', ['https://1.2.3.4.5/', 'https://256.256.256.256/', 'https://[::1', '//e.com']],
  ['url_invalid', ['https://[fe80::1%25eth0]/', 'https://example.com:99999/', ' https://e.com']],
  ['url_too_long', [`https://example.com/${'x'.repeat(2048)}`]],
  [
    'scheme_not_allowed',
    ['ftp://example.com/', 'file:///etc/passwd', 'javascript:1', 'ws://e.com'],
  ],
  ['scheme_not_allowed', ['gopher://127.0.0.1:6379/_x', 'data:text/plain,x', 'unix:/run/x.sock']],
  [
    'userinfo_not_allowed',
    ['https://user@example.com/', 'https://u:p@example.com/', 'https://:p@e.com'],
  ],
  [
    'port_not_allowed',
    ['https://example.com:25/', 'https://example.com:0/', 'https://e.com:6667/'],
  ],
  [
    'address_not_allowed',
    ['https://10.0.0.1/', 'https://[::1]/', 'https://169.254.169.254/latest'],
  ],
  [
    'address_not_allowed',
    ['https://localhost/', 'https://LOCALHOST./', 'https://a.localhost:8443/'],
  ],
  ['http_not_allowed', ['http://example.com/', 'http://8.8.8.8/']],
];

for (const [code, urls] of refused) {
  for (const url of urls) {
    test(`${code}: ${JSON.stringify(url.slice(0, 60))}`, () => {
      assert.equal(refusal(url).code, code);
    });
  }
}

test('a refused address names the variable that would allow it, a refused http both', () => {
  assert.match(
    refusal('https://10.0.0.1/').reason,
    /10\.0\.0\.1 is a private address.*HOOKLINE_ALLOW_SUBNETS/,
  );
  for (const by of [policy(), policy('10.0.0.0/8')]) {
    const { reason } = refusal('http://8.8.8.8/', by);
    assert.match(reason, /HOOKLINE_ALLOW_SUBNETS/);
    assert.match(reason, /HOOKLINE_ALLOW_HTTP=true/);
  }
});

test('a refusal tells nothing of path, query and credentials', () => {
  for (const url of [
    'https://user:sesame@example.com/sesame?sesame',
    'http://example.com/sesame?sesame',
    'https://10.0.0.1/sesame?sesame',
    'https://example.com:25/sesame',
  ]) {
    assert.doesNotMatch(refusal(url).reason, /sesame/);
  }
});

test('plain http is allowed within an allowed subnet, and everywhere by the policy', () => {
  const local = policy('127.0.0.0/8,::1/128');
  for (const url of ['http://127.0.0.1:3000/', 'http://2130706433/', 'http://localhost:3000/']) {
    assert.ok(checkUrl(url, local).ok, url);
  }
  assert.equal(refusal('http://8.8.8.8/', local).code, 'http_not_allowed');
  assert.equal(refusal('http://10.0.0.1/', policy('', true)).code, 'address_not_allowed');
  assert.ok(checkUrl('http://8.8.8.8/', policy('', true)).ok);
});

test('plain http to a name is left to its addresses where a subnet is allowed', () => {
  assert.ok(checkUrl('http://receiver.internal/', policy('10.0.0.0/8')).ok);
});
