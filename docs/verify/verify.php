<?php

// Verifies a webhook of Hookline. PHP 8 or newer, nothing but its own functions.

declare(strict_types=1);

const TOLERANCE_SECONDS = 300;

/** whsec_<base64> is decoded; any other secret is its bytes. */
function webhook_key(string $secret): string
{
    if (str_starts_with($secret, 'whsec_')) {
        $encoded = substr($secret, strlen('whsec_'));
        $key = strlen($encoded) % 4 === 0 ? base64_decode($encoded, true) : false;
        if ($key !== false && $key !== '') {
            return $key;
        }
    }
    return $secret;
}

/** Standard Webhooks v1. $headers by lower-case name, $body the bytes as they came: php://input. */
function verify_standard(string $secret, array $headers, string $body): bool
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    if ($id === '' || str_contains($id, '.') || !preg_match('/^[0-9]{1,12}\z/', $timestamp)) {
        return false;
    }
    if (abs(time() - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }
    $digest = hash_hmac('sha256', "$id.$timestamp.$body", webhook_key($secret), true);
    $expected = 'v1,' . base64_encode($digest);
    $good = false;
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $given) {
        $good = hash_equals($expected, $given) || $good;
    }
    return $good;
}

/** X-Webhook-Signature of format cdhosting; the key are the secret's characters as shown. */
function verify_hex(string $secret, string $signature, string $body): bool
{
    return hash_equals(hash_hmac('sha256', $body, $secret), $signature);
}

// Run as a program, and not when it is required by another file.
if (PHP_SAPI === 'cli' && realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    $secret = (string) getenv('WEBHOOK_SECRET');
    $body = (string) file_get_contents('php://stdin');
    $names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    $good = $secret !== '' && match ($argv[1] ?? '') {
        'hex' => verify_hex($secret, $argv[2] ?? '', $body),
        'standard' => count($argv) === 5
            && verify_standard($secret, array_combine($names, array_slice($argv, 2)), $body),
        default => false,
    };
    echo $good ? "good\n" : "bad\n";
    exit($good ? 0 : 1);
}
