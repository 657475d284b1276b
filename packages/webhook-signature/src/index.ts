export { signHexHmac, verifyHexHmac } from './hex-hmac.ts';
export {
  checkSecret,
  generateSecret,
  SECRET_CHARACTERS_MAX,
  SECRET_CHARACTERS_MIN,
  type SecretCheck,
  secretKeyBytes,
} from './secret.ts';
export { generateSigningKeyPair, type SigningKeyPair } from './signing-key.ts';
export {
  type ReceivedWebhook,
  type RefusalReason,
  type StandardWebhookMessage,
  type StandardWebhookVerdict,
  signStandardWebhook,
  TOLERANCE_SECONDS,
  verifyStandardWebhook,
  type WebhookHeaders,
} from './standard-webhook.ts';
