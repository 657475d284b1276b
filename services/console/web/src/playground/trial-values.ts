/** What the playground's form holds. */
export interface TrialValues {
  readonly format: string;
  readonly type: string;
  readonly data: string;
  readonly subject: string;
  readonly ending: 'success' | 'fail' | 'pre';
  readonly url: string;
  readonly secret: string;
  readonly token: string;
  readonly options: Readonly<Record<string, string>>;
}

export const newTrial: TrialValues = {
  format: 'standard',
  type: 'server.started',
  data: '{\n  "server_id": "srv_abc123",\n  "name": "production-web-01",\n  "status": "running",\n  "ip": "192.168.1.100"\n}',
  subject: 'srv_abc123',
  ending: 'success',
  url: '',
  secret: '',
  token: '',
  options: {},
};

/** The body of `POST /console/playground`. */
export function toTrialBody(values: TrialValues) {
  const { format, url, secret, token, type, data, subject, ending } = values;
  const options = Object.fromEntries(
    Object.entries(values.options).filter(([, value]) => value !== ''),
  );
  return {
    format,
    ...(url !== '' && { url: url.trim() }),
    ...(secret !== '' && { secret }),
    ...(token !== '' && { auth: { bearer: { token } } }),
    ...(Object.keys(options).length > 0 && { options }),
    event: {
      type,
      data,
      ...(subject !== '' && { subject }),
      ...(ending === 'pre' ? { phase: 'pre' } : { phase: 'post', status: ending }),
    },
  };
}
