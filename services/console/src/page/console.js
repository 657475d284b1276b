// The page of the latest attempts: asks for a key, lists deliveries by their last attempt, shows all
// attempts of one on demand, and looks again every few seconds. Everything foreign is set as text.

const KEY_NAME = 'hookline-api-key';
const REFRESH_MS = 3_000;
const RETRY_MS_MAX = 30_000;
const ROWS_MAX = 50;

const element = (id) => document.getElementById(id);
const rows = element('rows');
/** Rows by delivery id, kept over refreshes so that focus and what is open stay. */
const shown = new Map();

let key = sessionStorage.getItem(KEY_NAME) ?? '';
let paused = false;
let failures = 0;
let timer;
let running;

class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function get(path, signal) {
  const response = await fetch(path, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]),
    cache: 'no-store',
  });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(body.detail ?? response.statusText, response.status);
  return body;
}

function make(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dateAndClock = new Intl.DateTimeFormat(undefined, {
  dateStyle: 'short',
  timeStyle: 'medium',
});

function timeText(iso) {
  if (iso === null || iso === undefined) return '–';
  const time = new Date(iso);
  const today = time.toDateString() === new Date().toDateString();
  return (today ? clock : dateAndClock).format(time);
}

function durationText(ms) {
  if (ms === null || ms === undefined) return '–';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function outcomeText(delivery) {
  const last = delivery.last_attempt;
  if (last === null) return delivery.state;
  const outcome = last.outcome.replaceAll('_', ' ');
  return ['dead', 'cancelled', 'expired'].includes(delivery.state)
    ? `${outcome}, ${delivery.state}`
    : outcome;
}

function outcomeClass(delivery) {
  if (delivery.state === 'succeeded') return 'good';
  return ['pending', 'scheduled'].includes(delivery.state) ? 'waiting' : 'failed';
}

const columns = [
  { label: 'Time', text: (d) => timeText(d.last_attempt?.started_at ?? d.created_at) },
  { label: 'Event', text: (d) => d.type },
  { label: 'Endpoint', text: (d) => d.last_attempt?.url ?? '–' },
  { label: 'Outcome', text: outcomeText, className: outcomeClass },
  {
    label: 'HTTP',
    text: (d) => String(d.last_attempt?.http_status ?? '–'),
    className: () => 'number',
  },
  {
    label: 'Attempt',
    text: (d) => String(d.last_attempt?.number ?? '–'),
    className: () => 'number',
  },
  {
    label: 'Duration',
    text: (d) => durationText(d.last_attempt?.duration_ms),
    className: () => 'number',
  },
  { label: 'Next attempt', text: (d) => timeText(d.next_attempt_at) },
];

function makeRow(id) {
  const row = make('tr', undefined, 'delivery');
  const button = make('button', undefined, 'open');
  button.type = 'button';
  button.setAttribute('aria-expanded', 'false');
  const cells = columns.map(({ label }, index) => {
    const cell = make('td');
    cell.dataset.label = label;
    const value = index === 0 ? button : make('span');
    cell.append(value);
    row.append(cell);
    return { cell, value };
  });
  const entry = { id, row, cells, button, details: undefined, version: '' };
  button.addEventListener('click', () => toggle(entry));
  return entry;
}

function fillRow(entry, delivery) {
  columns.forEach(({ text, className }, index) => {
    const { cell, value } = entry.cells[index];
    const wanted = text(delivery);
    if (value.textContent !== wanted) value.textContent = wanted;
    cell.className = className?.(delivery) ?? '';
  });
  entry.button.setAttribute(
    'aria-label',
    `${entry.button.textContent}, attempts of ${delivery.type}`,
  );
  entry.row.title = delivery.last_attempt?.error ?? '';
  const version = `${delivery.state}/${delivery.attempts_count}`;
  if (entry.details !== undefined && entry.version !== version) void fillDetails(entry);
  entry.version = version;
}

function showDeliveries(deliveries) {
  const at = (d) => d.last_attempt?.started_at ?? d.created_at ?? '';
  const sorted = deliveries.toSorted((a, b) => (at(a) < at(b) ? 1 : at(a) > at(b) ? -1 : 0));
  const ids = new Set(sorted.map(({ id }) => id));
  for (const [id, { row, details }] of shown) {
    if (ids.has(id)) continue;
    row.remove();
    details?.remove();
    shown.delete(id);
  }
  let next = rows.firstElementChild;
  for (const delivery of sorted) {
    let entry = shown.get(delivery.id);
    if (entry === undefined) {
      entry = makeRow(delivery.id);
      shown.set(delivery.id, entry);
    }
    fillRow(entry, delivery);
    for (const part of [entry.row, entry.details]) {
      if (part === undefined) continue;
      // Moving a row would take the focus from it, so that only what is out of place moves.
      if (part === next) next = next.nextElementSibling;
      else rows.insertBefore(part, next);
    }
  }
  element('table').hidden = sorted.length === 0;
  element('empty').hidden = sorted.length > 0;
}

function toggle(entry) {
  const open = entry.details === undefined;
  entry.button.setAttribute('aria-expanded', String(open));
  if (!open) {
    entry.details.remove();
    entry.details = undefined;
    return;
  }
  entry.details = make('tr', undefined, 'details');
  const cell = make('td', 'Loading…');
  cell.colSpan = columns.length;
  entry.details.append(cell);
  entry.row.after(entry.details);
  void fillDetails(entry);
}

async function fillDetails(entry) {
  const cell = entry.details.firstElementChild;
  try {
    const path = `/v1/deliveries/${encodeURIComponent(entry.id)}`;
    const delivery = await get(path, new AbortController().signal);
    cell.replaceChildren(...detailsOf(delivery));
  } catch (error) {
    cell.replaceChildren(make('p', `The attempts could not be read: ${error.message}`, 'error'));
  }
}

function detailsOf(delivery) {
  const ids = make('div', undefined, 'soft');
  for (const [label, id] of [
    ['Delivery', delivery.id],
    ['Event', delivery.event_id],
    ['Webhook', delivery.webhook_id],
  ]) {
    ids.append(`${label} `, make('code', id), ' ');
  }
  const list = make('ol');
  for (const attempt of delivery.attempts) list.append(attemptItem(attempt));
  if (delivery.attempts.length === 0) list.append(make('li', 'No attempt has ended yet.', 'soft'));
  return [ids, list];
}

function attemptItem(attempt) {
  const item = make('li');
  const status = attempt.http_status === null ? '' : `, HTTP ${attempt.http_status}`;
  const line = `${attempt.outcome.replaceAll('_', ' ')}${status}`;
  item.append(
    make('strong', `${attempt.number}. ${timeText(attempt.started_at)} `),
    make('span', line, attempt.outcome === 'succeeded' ? 'good' : 'failed'),
    make('span', ` in ${durationText(attempt.duration_ms)} `, 'soft'),
    make('code', attempt.url),
  );
  if (attempt.error !== null) item.append(make('div', attempt.error));
  if (attempt.response_body !== '') item.append(make('pre', attempt.response_body));
  if (attempt.trace_id !== null) item.append(make('div', `Trace ${attempt.trace_id}`, 'soft'));
  return item;
}

function mend(error) {
  if (!(error instanceof ApiError)) {
    return 'The console cannot be reached. Is it running? This page tries again by itself.';
  }
  if (error.status === 503) {
    return `${error.message}. Are all services running? This page tries again by itself.`;
  }
  if (error.status === 403) return `${error.message}. Forget this key and use another one.`;
  return `${error.message} (status ${error.status}). This page tries again by itself.`;
}

async function refresh() {
  clearTimeout(timer);
  running?.abort();
  const abort = new AbortController();
  running = abort;
  try {
    const path = `/v1/deliveries?page_size=${ROWS_MAX}&include=last_attempt`;
    const { data } = await get(path, abort.signal);
    if (abort.signal.aborted) return;
    failures = 0;
    showDeliveries(data);
    element('trouble').hidden = true;
    element('status').textContent = '';
  } catch (error) {
    if (abort.signal.aborted) return;
    if (error instanceof ApiError && error.status === 401) {
      forget(`${error.message}.`);
      return;
    }
    failures += 1;
    const trouble = element('trouble');
    const text = mend(error);
    // Set only when it changes: an alert is read out each time it is set.
    if (trouble.textContent !== text) trouble.textContent = text;
    trouble.hidden = false;
  }
  schedule();
}

function schedule() {
  clearTimeout(timer);
  if (paused || document.hidden || key === '') return;
  timer = setTimeout(refresh, Math.min(REFRESH_MS * 2 ** failures, RETRY_MS_MAX));
}

function show() {
  const known = key !== '';
  element('key-form').hidden = known;
  element('attempts').hidden = !known;
  element('controls').hidden = !known;
  if (!known) {
    element('key').focus();
    return;
  }
  if (shown.size === 0) element('status').textContent = 'Loading…';
  void refresh();
}

function forget(reason = '') {
  sessionStorage.removeItem(KEY_NAME);
  key = '';
  failures = 0;
  clearTimeout(timer);
  running?.abort();
  shown.clear();
  rows.replaceChildren();
  for (const id of ['trouble', 'empty', 'table']) element(id).hidden = true;
  element('key-error').textContent = reason;
  show();
}

element('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const given = element('key').value.trim();
  if (!/^[\x21-\x7e]+$/.test(given)) {
    element('key-error').textContent = 'A key has no spaces and only plain characters.';
    return;
  }
  key = given;
  sessionStorage.setItem(KEY_NAME, key);
  element('key').value = '';
  element('key-error').textContent = '';
  show();
});
element('forget').addEventListener('click', () => forget());
element('pause').addEventListener('click', (event) => {
  paused = !paused;
  event.currentTarget.setAttribute('aria-pressed', String(paused));
  event.currentTarget.textContent = paused ? 'Resume' : 'Pause';
  element('status').textContent = paused ? 'Paused' : '';
  if (paused) clearTimeout(timer);
  else void refresh();
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && key !== '' && !paused) void refresh();
});

show();
