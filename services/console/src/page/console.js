// The page of the latest attempts: asks for a key, keeps it in this tab, and looks again every few
// seconds.

import { createAttemptTable } from '/attempt-table.js';

const KEY_NAME = 'hookline-api-key';
const REFRESH_MS = 3_000;
const RETRY_MS_MAX = 30_000;
const ROWS_MAX = 50;

const element = (id) => document.getElementById(id);
const table = createAttemptTable(element('rows'), get);

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

async function get(path, signal = new AbortController().signal) {
  const response = await fetch(path, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]),
    cache: 'no-store',
  });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(body.detail ?? response.statusText, response.status);
  return body;
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
    table.show(data);
    element('table').hidden = table.isEmpty();
    element('empty').hidden = !table.isEmpty();
    element('trouble').hidden = true;
    element('status').textContent = '';
  } catch (error) {
    if (abort.signal.aborted) return;
    if (error instanceof ApiError && error.status === 401) {
      forget(`${error.message}.`);
      return;
    }
    failures += 1;
    element('status').textContent = '';
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
  if (table.isEmpty()) element('status').textContent = 'Loading…';
  void refresh();
}

function forget(reason = '') {
  sessionStorage.removeItem(KEY_NAME);
  key = '';
  failures = 0;
  clearTimeout(timer);
  running?.abort();
  table.clear();
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
