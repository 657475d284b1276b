import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const deployFolder = resolve(import.meta.dirname, '..', '..', 'deploy');

/** The names in Prometheus's expressions that could be metrics of ours. */
export function metricsIn(expression: string): string[] {
  return expression.match(/\b(hookline|process)_[a-z0-9_]+\b/g) ?? [];
}

/** Every expression of the dashboards, with the file it is in. */
export async function dashboardExpressions(): Promise<{ file: string; expression: string }[]> {
  const folder = join(deployFolder, 'grafana', 'dashboards');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text, index) => {
    const file = files[index] ?? '';
    const { panels, templating } = JSON.parse(text) as Dashboard;
    const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const variables = templating.list.flatMap(({ query }) =>
      typeof query === 'object' ? [query.query] : [],
    );
    return [...shown, ...variables].map((expression) => ({ file, expression }));
  });
}

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
  readonly templating: {
    readonly list: readonly { readonly query: string | { readonly query: string } }[];
  };
}

/** The names that a text of metrics defines, those that a histogram is made of among them. */
export function definedIn(text: string): Set<string> {
  const names = new Set<string>();
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    names.add(name);
    if (type === 'histogram')
      for (const part of ['bucket', 'sum', 'count']) names.add(`${name}_${part}`);
  }
  return names;
}
