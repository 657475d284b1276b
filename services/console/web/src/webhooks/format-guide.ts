/** What a person wants to know of a format before choosing it. */
export interface FormatGuide {
  readonly name: string;
  readonly title: string;
  readonly group: string;
  readonly about: string;
  /** What the URL looks like. */
  readonly url: string;
  /** How events are named, and which phases there are. */
  readonly style: 'types' | 'virtfusion' | 'xen-orchestra';
}

const PROGRAMS = 'For programs of your own';
const PANELS = 'As another panel sends them';
const PEOPLE = 'For people';

export const formatGuides: readonly FormatGuide[] = [
  {
    name: 'standard',
    title: 'Standard Webhooks',
    group: PROGRAMS,
    about:
      'JSON with type, time and data, signed as standardwebhooks.com says. The best choice for something new.',
    url: 'https://app.example.com/webhooks',
    style: 'types',
  },
  {
    name: 'cloudevents',
    title: 'CloudEvents, structured',
    group: PROGRAMS,
    about: 'A CloudEvents 1.0 object as the body, for what takes CloudEvents.',
    url: 'https://app.example.com/events',
    style: 'types',
  },
  {
    name: 'cloudevents-binary',
    title: 'CloudEvents, binary',
    group: PROGRAMS,
    about: 'CloudEvents 1.0 with attributes as headers; only the body is signed.',
    url: 'https://app.example.com/events',
    style: 'types',
  },
  {
    name: 'cdhosting',
    title: 'CDHosting',
    group: PANELS,
    about:
      'The body and the X-Webhook-Signature of CDHosting, with its five attempts; a failed server event is server.error.',
    url: 'https://yourapp.com/webhooks/cdhosting',
    style: 'types',
  },
  {
    name: 'virtfusion',
    title: 'VirtFusion',
    group: PANELS,
    about:
      'The X-VirtFusion headers and body. Events may be named as VirtFusion does, or catch.all.',
    url: 'https://app.example.com/virtfusion',
    style: 'virtfusion',
  },
  {
    name: 'xen-orchestra',
    title: 'Xen Orchestra',
    group: PANELS,
    about: 'What the web-hooks plugin sends: method, params and result, before or after the call.',
    url: 'https://app.example.com/xo',
    style: 'xen-orchestra',
  },
  {
    name: 'office365',
    title: 'Xen Orchestra for Office 365',
    group: PANELS,
    about: 'The message card that the web-hooks plugin sends to Teams.',
    url: 'https://example.webhook.office.com/webhookb2/…',
    style: 'xen-orchestra',
  },
];

/** Chat services and whatever else the server knows, which explain themselves by their names. */
export function guideOf(name: string): FormatGuide {
  const known = formatGuides.find((guide) => guide.name === name);
  if (known !== undefined) return known;
  const words = name.replaceAll('-', ' ');
  return {
    name,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    group: PEOPLE,
    about: 'A message that people read, to the address that the service gave you.',
    url: 'https://…',
    style: 'types',
  };
}
