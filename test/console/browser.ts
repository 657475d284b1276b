import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** What a page complained of: errors in its console, exceptions, breaches of its security policy. */
export interface Complaints {
  readonly all: string[];
}

export interface TestBrowser extends AsyncDisposable {
  readonly page: Page;
  readonly complaints: Complaints;
  /** Somebody else, with cookies of their own. */
  other(): Promise<{ readonly page: Page; readonly complaints: Complaints }>;
}

const STEP_TIMEOUT_MS = 30_000;

/** A real browser at `url`. */
export async function openBrowser(url: string): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    // Root cannot have Chromium's sandbox.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  const open = async () => watch(await browser.newContext({ baseURL: url, locale: 'en-GB' }));
  return {
    ...(await open()),
    other: open,
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

async function watch(context: BrowserContext) {
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  const complaints: Complaints = { all: [] };
  const page = await context.newPage();
  await page.setViewportSize({ width: 1440, height: 900 });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.all.push(message.text());
  });
  page.on('pageerror', (error) => complaints.all.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.all.push(`a dialogue: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, complaints };
}

/** Serious faults of accessibility on the page as it is now. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

/** Writes a picture for the documentation, where that is asked for. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.HOOKLINE_SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

export type Scheme = 'light' | 'dark';

/** Shows the page at another width, light or dark. */
export async function showAs(page: Page, width: 1440 | 390, scheme: Scheme): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
  // Colours change by transitions, and are judged when they have.
  await page.evaluate('Promise.all(document.getAnimations().map((each) => each.finished))');
}
