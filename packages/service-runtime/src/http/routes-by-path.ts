/** Which methods a path takes, learnt from the routes as they are registered. */
export interface RoutesByPath {
  add(url: string, methods: string | readonly string[]): void;
  /** The methods of the routes that match a path; empty when none does. */
  allowed(path: string): string[];
}

function toPattern(url: string): RegExp {
  const source = url
    .split('/')
    .map((segment) => {
      if (segment === '*') return '.*';
      if (segment.startsWith(':')) return '[^/]+';
      return segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('/');
  return new RegExp(`^${source}$`);
}

/** Fastify answers 404 for a path with another method; this finds out that it should be 405. */
export function createRoutesByPath(): RoutesByPath {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  return {
    add(url, methods) {
      const route = routes.get(url) ?? { pattern: toPattern(url), methods: new Set<string>() };
      for (const method of [methods].flat()) route.methods.add(method);
      routes.set(url, route);
    },
    allowed(path) {
      const matching = [...routes.values()].filter(({ pattern }) => pattern.test(path));
      return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
    },
  };
}
