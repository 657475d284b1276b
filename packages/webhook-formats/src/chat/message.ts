import type { AcceptedEvent } from '@hookline/contracts';
import type { FormatTarget } from '../format.ts';
import { timeMs } from '../times.ts';
import { type Facts, factsOf } from './facts.ts';
import { type Phrase, phraseOf, type Severity } from './phrases.ts';
import { oneLine } from './text.ts';

/** A part of a text: Hookline's own words, or something foreign, which must format and ping nothing. */
export interface Piece {
  readonly text: string;
  readonly foreign: boolean;
}

export interface MessageField {
  readonly label: string;
  readonly value: string;
}

export interface MessageLink {
  readonly label: string;
  /** Absolute, http or https. */
  readonly url: string;
}

/** An event as people are told it, before a service's own way of writing. Nothing in it is escaped. */
export interface ChatMessage {
  /** `production-web-01 was started` */
  readonly title: readonly Piece[];
  /** The same without anything foreign: `A server was started`. */
  readonly heading: string;
  readonly severity: Severity;
  readonly fields: readonly MessageField[];
  readonly links: readonly MessageLink[];
  readonly timeMs: number;
}

/** What an event says to people: what happened to what, where, when, who did it, why it failed. */
export function chatMessage(event: AcceptedEvent, target: FormatTarget): ChatMessage {
  const facts = factsOf(event);
  const phrase = phraseOf(event.type);
  return {
    title: titleOf(event, facts, phrase),
    heading: phrase === undefined ? event.type : `${phrase.noun} ${said(event, phrase)}`,
    severity: severityOf(event, phrase),
    fields: fieldsOf(event, facts),
    links: linksOf(target),
    timeMs: timeMs(event),
  };
}

/** The title as one text. */
export function titleText({ title }: ChatMessage): string {
  return title.map(({ text }) => text).join('');
}

function titleOf(event: AcceptedEvent, { name }: Facts, phrase: Phrase | undefined): Piece[] {
  const who = { text: name, foreign: true };
  if (phrase !== undefined) {
    const what = said(event, phrase);
    return name === '' || event.type.startsWith('hookline.')
      ? [{ text: `${phrase.noun} ${what}`, foreign: false }]
      : [who, { text: ` ${what}`, foreign: false }];
  }
  const type = { text: event.type, foreign: true };
  const end = { text: OUTCOMES[outcomeOf(event)], foreign: false };
  return name === '' ? [type, end] : [who, { text: ': ', foreign: false }, type, end];
}

type Outcome = 'done' | 'coming' | 'failed';

/** What is said of a type without words of its own. */
const OUTCOMES: Readonly<Record<Outcome, string>> = {
  done: '',
  coming: ' is about to happen',
  failed: ' failed',
};

function outcomeOf({ phase, status }: AcceptedEvent): Outcome {
  if (phase === 'pre') return 'coming';
  return status === 'fail' ? 'failed' : 'done';
}

function said(event: AcceptedEvent, phrase: Phrase): string {
  return phrase[outcomeOf(event)];
}

function severityOf(event: AcceptedEvent, phrase: Phrase | undefined): Severity {
  const outcome = outcomeOf(event);
  if (outcome === 'failed') return 'bad';
  return outcome === 'coming' ? 'info' : (phrase?.severity ?? 'info');
}

function fieldsOf(event: AcceptedEvent, facts: Facts): MessageField[] {
  const { id, name, state, address, host, who, why } = facts;
  const fields: MessageField[] = [
    { label: 'Id', value: id === name ? '' : id },
    { label: 'State', value: state },
    { label: 'Address', value: address },
    { label: 'Where', value: host },
    { label: 'Who', value: who },
    { label: 'Why', value: why },
    { label: 'When', value: whenText(timeMs(event)) },
    { label: 'Event', value: `${event.type} (${event.id})` },
  ];
  return fields.filter(({ value }) => value !== '');
}

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** `15 January 2025, 10:30:00 UTC`: a machine does not know where its reader sits. */
function whenText(ms: number): string {
  return `${dates.format(ms)}, ${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

const URL_MAX = 512;

/** The tenant's control panel and its support, as far as the tenant named them. */
function linksOf({ controlDomain, controlName, controlSupportLink }: FormatTarget): MessageLink[] {
  const panel = linkTo(controlDomain, oneLine(controlName) || 'Control panel');
  const support = linkTo(controlSupportLink, 'Support');
  return [panel, support].filter((link) => link !== undefined);
}

function linkTo(place: string, label: string): MessageLink | undefined {
  if (place.trim() === '') return undefined;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(place) ? place : `https://${place}`;
  if (!URL.canParse(text)) return undefined;
  const { href, protocol } = new URL(text);
  if ((protocol !== 'https:' && protocol !== 'http:') || href.length > URL_MAX) return undefined;
  return { label, url: href };
}
