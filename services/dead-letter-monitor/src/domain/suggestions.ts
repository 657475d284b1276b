/** By outcome of the last attempt, or why no attempt was the reason. */
const SUGGESTIONS: Readonly<Record<string, string>> = {
  http_error: 'Look at the response: the endpoint was reached and refused. Mend it, then redrive.',
  redirect: 'Redirects are not followed: register the final URL, then redrive.',
  gone: 'The endpoint wants no more. Delete the subscription, or change its URL and resume it.',
  throttled: 'The endpoint wants less: set a rate limit on the subscription, then redrive.',
  timeout: 'Let the endpoint answer first and work afterwards, or raise the timeout; then redrive.',
  connection_failed: 'Check that the endpoint is up and its port is open, then redrive.',
  tls_failed: 'Check the certificate: its names, its end, its chain; then redrive.',
  dns_failed: 'Check the host name in the URL, then redrive.',
  address_refused:
    'The host has an address that requests must not go to. If it is meant, the operator adds its network to HOOKLINE_ALLOW_SUBNETS; then redrive.',
  response_too_large: 'Let the endpoint answer with a short body, then redrive.',
  subscription_disabled: 'Resume the subscription, then redrive.',
  expired: 'Its payload is past the retention time; there is nothing left to deliver.',
  skipped: 'It was skipped by hand; redrive it if it is wanted after all.',
  unprocessable: 'The event does not fit the format: choose another one, then redrive.',
};

/** What to do about a delivery given up for this cause, in words. */
export function suggestionFor(cause: string): string {
  return SUGGESTIONS[cause] ?? 'Look at the attempts, mend what they show, then redrive.';
}
