export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a mail about trouble says, in the order in which it says it. */
export interface MailParts {
  readonly title: string;
  /** What happened, and what follows from it. */
  readonly lead: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** The last attempts, oldest first, numbered from `attemptsFrom`. */
  readonly attempts?: readonly string[];
  readonly attemptsFrom?: number;
  /** How to put it right. */
  readonly mend: string;
  /** A command to paste. */
  readonly command?: string;
  /** Where the console is, with a slash at the end. */
  readonly consoleUrl: string;
}

const LINE_LENGTH_MAX = 500;
const SUBJECT_LENGTH_MAX = 150;

/** A mail in text and in HTML. Whatever comes from elsewhere is one line of text in it, and no markup. */
export function writeMail(given: MailParts): MailText {
  const parts = {
    ...given,
    title: oneLine(given.title),
    facts: given.facts.map(([label, value]) => [label, oneLine(value)] as const),
    attempts: (given.attempts ?? []).map(oneLine),
  };
  return {
    subject: parts.title.slice(0, SUBJECT_LENGTH_MAX),
    text: textOf(parts),
    html: htmlOf(parts),
  };
}

type Lines = MailParts & { readonly attempts: readonly string[] };

function textOf({ title, lead, facts, attempts, attemptsFrom = 1, ...parts }: Lines): string {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  const numbered = attempts.map((line, index) => `${attemptsFrom + index}. ${line}`);
  return [
    title,
    '',
    lead,
    '',
    ...facts.map(([label, value]) => `${`${label}:`.padEnd(width)}${value}`),
    '',
    ...(attempts.length === 0 ? [] : ['Its last attempts:', ...numbered, '']),
    parts.mend,
    '',
    ...(parts.command === undefined ? [] : [`  ${parts.command}`, '']),
    `Console: ${parts.consoleUrl}`,
    '',
  ].join('\n');
}

function htmlOf({ title, lead, facts, attempts, attemptsFrom = 1, ...parts }: Lines): string {
  const rows = facts.map(
    ([label, value]) =>
      `<tr><th align="left" valign="top" style="padding:2px 16px 2px 0">${escapeHtml(label)}</th><td style="padding:2px 0">${escapeHtml(value)}</td></tr>`,
  );
  const list = attempts.map((line) => `<li>${escapeHtml(line)}</li>`).join('');
  const command = escapeHtml(parts.command ?? '');
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Hookline</title></head>',
    '<body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:44em">',
    `<h1 style="font-size:1.25em">${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(lead)}</p>`,
    `<table style="border-collapse:collapse">${rows.join('')}</table>`,
    list === '' ? '' : `<p>Its last attempts:</p><ol start="${attemptsFrom}">${list}</ol>`,
    `<p>${escapeHtml(parts.mend)}</p>`,
    command === ''
      ? ''
      : `<pre style="white-space:pre-wrap;overflow-wrap:anywhere">${command}</pre>`,
    `<p><a href="${escapeHtml(parts.consoleUrl)}">Open the console</a></p>`,
    '</body></html>',
    '',
  ].join('\n');
}

/** Control characters out, so that no text from elsewhere adds a line or a header. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
  return line.length > LINE_LENGTH_MAX ? `${line.slice(0, LINE_LENGTH_MAX)}…` : line;
}

export function utc(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
