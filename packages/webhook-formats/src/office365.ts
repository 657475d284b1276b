import { membersOf } from '@hookline/contracts';
import { fit } from './chat/text.ts';
import { oncePerEvent, type WebhookFormat } from './format.ts';
import { xenOrchestra, xenOrchestraBody } from './xen-orchestra.ts';

/**
 * The message card that Xen Orchestra's web-hooks plugin sends to connectors of Office 365 and
 * Teams: a fact for each member of the call but `type`, texts as they are and the rest as JSON.
 *
 * Teams refuses a card of more than 28 KiB, so that long values are cut.
 */
export const office365: WebhookFormat = {
  name: 'office365',
  audience: 'program',
  options: [],
  render: (event) => ({ body: cardOf(event), contentType: 'application/json', headers: {} }),
  filterViews: xenOrchestra.filterViews,
  checkFilterPattern: xenOrchestra.checkFilterPattern,
};

/** Params and result together, three bytes a unit at worst, stay below Teams' limit. */
const VALUE_MAX = 4000;

const cardOf = oncePerEvent((event): string => {
  const members = membersOf(xenOrchestraBody(event));
  const type = JSON.parse(members.get('type') ?? '""') as string;
  const facts = [...members]
    .filter(([name]) => name !== 'type')
    .map(([name, text]) => ({
      name,
      value: fit(text.startsWith('"') ? (JSON.parse(text) as string) : text, VALUE_MAX),
    }));
  return JSON.stringify({
    '@type': 'MessageCard',
    '@context': 'https://schema.org/extensions',
    themeColor: '6B63BF',
    summary: 'New notification from the Xen-Orchestra webhook plugin',
    sections: [{ title: `XO ${type.toUpperCase()} notification` }, { facts }],
  });
});
