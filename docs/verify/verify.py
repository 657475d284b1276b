"""Verifies a webhook of Hookline. Python 3.8 or newer, nothing but the standard library."""

import base64
import binascii
import hashlib
import hmac
import os
import re
import sys
import time

TOLERANCE_SECONDS = 300


def key_of(secret):
    """whsec_<base64> is decoded; any other secret is its UTF-8 bytes."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret[len("whsec_"):], validate=True) or secret.encode()
        except binascii.Error:
            pass
    return secret.encode()


def verify_standard(secret, headers, body, now=None):
    """Standard Webhooks v1. `headers` by lower-case name, `body` the bytes as they came."""
    webhook_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not webhook_id or "." in webhook_id or not re.fullmatch("[0-9]{1,12}", timestamp):
        return False
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    content = f"{webhook_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key_of(secret), content, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(b"v1," + expected, each.encode()) for each in given)


def verify_hex(secret, signature, body):
    """X-Webhook-Signature of format cdhosting; the key are the secret's characters as shown."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


def main():
    secret, body = os.environ["WEBHOOK_SECRET"], sys.stdin.buffer.read()
    if sys.argv[1] == "hex":
        return verify_hex(secret, sys.argv[2], body)
    names = ["webhook-id", "webhook-timestamp", "webhook-signature"]
    return verify_standard(secret, dict(zip(names, sys.argv[2:])), body)


if __name__ == "__main__":
    verified = main()
    print("good" if verified else "bad")
    sys.exit(0 if verified else 1)
