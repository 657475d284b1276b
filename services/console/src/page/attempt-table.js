// The table of attempts: a row a delivery, its last attempt in it, and all of them on demand. What
// comes from elsewhere is set as text, never as markup.

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
  if (attempt.response_body !== '') {
    const encoded = attempt.response_body_encoding === 'base64' ? 'base64: ' : '';
    item.append(make('pre', `${encoded}${attempt.response_body}`));
  }
  if (attempt.trace_id !== null) item.append(make('div', `Trace ${attempt.trace_id}`, 'soft'));
  return item;
}

/**
 * Keeps `rows` (a tbody) showing deliveries. `get` reads a path of the API. Rows stay the same over
 * refreshes, so that the focus and what is open stay too.
 */
export function createAttemptTable(rows, get) {
  /** By delivery id. */
  const shown = new Map();

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

  function show(deliveries) {
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
      const delivery = await get(path);
      cell.replaceChildren(...detailsOf(delivery));
    } catch (error) {
      cell.replaceChildren(make('p', `The attempts could not be read: ${error.message}`, 'error'));
    }
  }

  return {
    show,
    isEmpty: () => shown.size === 0,
    clear() {
      shown.clear();
      rows.replaceChildren();
    },
  };
}
