import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metadata } from '@grpc/grpc-js';
import { addressOfPeer, FORWARDED_FOR, remoteAddressOf } from './grpc-peer.ts';

test('the address of a peer is without its port', () => {
  assert.equal(addressOfPeer('127.0.0.1:50312'), '127.0.0.1');
  assert.equal(addressOfPeer('ipv4:10.0.0.7:1'), '10.0.0.7');
  assert.equal(addressOfPeer('[::1]:50312'), '::1');
  assert.equal(addressOfPeer('::1:50312'), '::1');
  assert.equal(addressOfPeer('::ffff:10.0.0.7:4'), '10.0.0.7');
});

test('P5 an address that a client names is believed of the loopback alone, and only if it is one', () => {
  const named = (address: string) => {
    const metadata = new Metadata();
    metadata.set(FORWARDED_FOR, address);
    return metadata;
  };
  assert.equal(remoteAddressOf('127.0.0.1:9', named('203.0.113.7')), '203.0.113.7');
  assert.equal(remoteAddressOf('[::1]:9', named('2001:db8::7')), '2001:db8::7');
  assert.equal(remoteAddressOf('10.0.0.7:9', named('203.0.113.7')), '10.0.0.7');
  assert.equal(remoteAddressOf('127.0.0.1:9', named('a name')), '127.0.0.1');
  assert.equal(remoteAddressOf('127.0.0.1:9', new Metadata()), '127.0.0.1');
});
