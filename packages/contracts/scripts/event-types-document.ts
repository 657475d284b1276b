import {
  type EventType,
  eventDataSchema,
  eventTypes,
  exampleEventData,
  type JsonSchema,
  type XenOrchestraCall,
} from '../src/index.ts';

/** `docs/event-types.md`, out of the catalogue. */
export function eventTypesDocument(): string {
  return `${[intro, table(), ...groups(), definitions()].join('\n\n')}\n`;
}

const intro = `# Event types

Every canonical event type, its names in other systems, and its data. The page is generated from the
catalogue in \`packages/contracts\` by \`npx pnpm generate\`; a test fails while it is not current.

- A filter takes canonical names and patterns of them; subscriptions in another system's format take that
  system's names and ids as well. VirtFusion's \`catch.all\` (1000) is the filter for everything; the event
  keeps its own name and id.
- \`phase\` and \`status\` stand beside the type, not in it: a failed start is \`server.started\` with status
  \`fail\`. CDHosting's receivers get a failed \`server.*\` as \`server.error\`.
- Events that no canonical type fits keep their own name: \`xo.<method>\`, \`virtfusion.<name>\`,
  \`proxmox.<type>\`, in lower case. A type of your own passes through as it is.
- \`suspended\` is an administrator's lock (VirtFusion), \`hibernated\` is memory on disk (Xen Orchestra's
  suspend), \`paused\` is a stopped processor (libvirt's Suspended). VirtFusion's destroy is \`deleted\`;
  libvirt's destroy is \`powered_off\`.
- An adapter keeps the original under \`data.source\`, with secrets redacted.`;

function table(): string {
  const rows = eventTypes.map((entry) =>
    row([
      `[\`${entry.type}\`](#${anchor(entry.type)})`,
      (entry.virtfusion ?? [])
        .slice(0, 1)
        .map(({ id, name }) => `${id} \`${name}\``)
        .join(', '),
      (entry.xenOrchestra ?? []).map(callText).join(', '),
      entry.cdhosting === undefined ? '' : `\`${entry.cdhosting}\``,
    ]),
  );
  return [
    row(['type', 'VirtFusion', 'Xen Orchestra', 'CDHosting']),
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell || '-').join(' | ')} |`;
}

function callText({ method, phase, failed, live, params = {} }: XenOrchestraCall): string {
  const conditions = [
    ...(phase === undefined ? [] : [phase]),
    ...(failed === true ? ['with an error'] : []),
    ...(live === true ? ['of a running server'] : []),
    ...Object.entries(params).map(([name, value]) => `${name}: ${value}`),
  ];
  return `\`${method}\`${conditions.length > 0 ? ` (${conditions.join(', ')})` : ''}`;
}

function groups(): string[] {
  const names = [...new Set(eventTypes.map(({ type }) => groupOf(type)))];
  return names.map((group) =>
    [`## ${group}`, ...eventTypes.filter(({ type }) => groupOf(type) === group).map(section)].join(
      '\n\n',
    ),
  );
}

function section(entry: EventType): string {
  const { type, description, virtfusion = [] } = entry;
  const spellings = virtfusion.slice(1).map(({ name }) => `\`${name}\``);
  const understood =
    spellings.length > 0 ? ` VirtFusion's ${spellings.join(', ')} is understood as well.` : '';
  const never = virtfusion[0]?.successOnly
    ? ' VirtFusion triggers it on success alone, so its receivers get no failed one.'
    : '';
  return [
    `### ${type}`,
    `${description}.${understood}${never}`,
    members(eventDataSchema(type) ?? {}),
    `\`\`\`json\n${JSON.stringify(exampleEventData(type))}\n\`\`\``,
  ].join('\n\n');
}

/** The members that a schema names, what a definition holds by its name. */
function members(schema: JsonSchema): string {
  const parts = [schema, ...(schema.allOf ?? [])];
  const required = new Set(parts.flatMap((part) => part.required ?? []));
  const bases = parts.flatMap(({ $ref }) => ($ref === undefined ? [] : [definitionLink($ref)]));
  const own = parts.flatMap((part) => Object.entries(part.properties ?? {}));
  const lines = own.map(([name, property]) => {
    const must = required.has(name) ? ', required' : '';
    return `- \`${name}\` (${typeText(property)}${must})${described(property)}`;
  });
  const all = bases.length === 0 ? [] : [`- what ${bases.join(' and ')} has`];
  return [...all, ...lines].join('\n');
}

function definitions(): string {
  const schemas = eventTypes.map(({ type }) => eventDataSchema(type)?.$defs ?? {});
  const all = new Map(schemas.flatMap((defs) => Object.entries(defs)));
  const sections = [...all]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => {
      const inner = members(schema);
      const text = `### Data: ${name}\n\n${schema.description ?? ''} (${typeText(schema)}).`;
      return inner === '' ? text : `${text}\n\n${inner}`;
    });
  return ['## Definitions', ...sections].join('\n\n');
}

function typeText({ $ref, type, items }: JsonSchema): string {
  if ($ref !== undefined) return definitionLink($ref);
  if (items !== undefined) return `list of ${typeText(items)}`;
  return [type ?? 'anything'].flat().join(' or ');
}

function described({ description }: JsonSchema): string {
  return description === undefined ? '' : `: ${description}`;
}

function definitionLink(ref: string): string {
  const name = ref.slice('#/$defs/'.length);
  return `[${name}](#data-${name})`;
}

function groupOf(type: string): string {
  return type.split('.')[0] ?? '';
}

/** GitHub's anchor of a heading: dots are left out. */
function anchor(type: string): string {
  return type.replaceAll('.', '');
}
