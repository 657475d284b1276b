/** Finds what is filed under the patterns that match a name. */
export interface PatternIndex<Bucket> {
  /** The bucket of a pattern, made when it is missing. */
  bucket(pattern: string): Bucket;
  /** Forgets a pattern whose bucket has become empty. */
  drop(pattern: string): void;
  /** Calls back with the bucket of each pattern that matches, once each. */
  visit(name: string, found: (bucket: Bucket) => void): void;
  /** Whether no pattern is filed. */
  isEmpty(): boolean;
}

/** Own types are reached only by their names and by this pattern. */
const OWN_PATTERN = 'hookline.*';
const OWN_PREFIX = 'hookline.';

interface Node<Bucket> {
  readonly children: Map<string, Node<Bucket>>;
  /** A pattern that ends here. */
  here?: Bucket;
  /** A pattern that ends here with a final `*`: one segment or more. */
  open?: Bucket;
}

/**
 * Files buckets by type pattern, with the rules of compileTypePattern of @hookline/contracts.
 *
 * Patterns without a star are one lookup in a map. The others are a tree by segments, in which `*`
 * is a child of its own: a name follows at each segment the child of that name and the star, so
 * that a lookup costs what matches, not how many patterns there are.
 */
export function createPatternIndex<Bucket>(newBucket: () => Bucket): PatternIndex<Bucket> {
  const exact = new Map<string, Bucket>();
  const root: Node<Bucket> = { children: new Map() };

  const isExact = (pattern: string) => !pattern.includes('*') || pattern === OWN_PATTERN;

  return {
    bucket(pattern) {
      if (!isExact(pattern)) return treeBucket(root, pattern.split('.'), newBucket);
      let bucket = exact.get(pattern);
      if (bucket === undefined) {
        bucket = newBucket();
        exact.set(pattern, bucket);
      }
      return bucket;
    },
    drop(pattern) {
      if (isExact(pattern)) exact.delete(pattern);
      else prune(root, pattern.split('.'), 0);
    },
    visit(name, found) {
      const named = exact.get(name);
      if (named !== undefined) found(named);
      if (name.startsWith(OWN_PREFIX)) {
        const own = exact.get(OWN_PATTERN);
        if (own !== undefined && name.length > OWN_PREFIX.length) found(own);
      } else if (name !== 'hookline' && !isBare(root)) {
        walk(root, name.split('.'), 0, found);
      }
    },
    isEmpty: () => exact.size === 0 && isBare(root),
  };
}

function treeBucket<Bucket>(
  root: Node<Bucket>,
  segments: readonly string[],
  newBucket: () => Bucket,
): Bucket {
  const isOpen = segments.at(-1) === '*';
  let node = root;
  for (const segment of isOpen ? segments.slice(0, -1) : segments) {
    let child = node.children.get(segment);
    if (child === undefined) {
      child = { children: new Map() };
      node.children.set(segment, child);
    }
    node = child;
  }
  if (isOpen) {
    node.open ??= newBucket();
    return node.open;
  }
  node.here ??= newBucket();
  return node.here;
}

function walk<Bucket>(
  node: Node<Bucket>,
  segments: readonly string[],
  depth: number,
  found: (bucket: Bucket) => void,
): void {
  const segment = segments[depth];
  if (segment === undefined) {
    if (node.here !== undefined) found(node.here);
    return;
  }
  if (node.open !== undefined) found(node.open);
  const named = node.children.get(segment);
  if (named !== undefined) walk(named, segments, depth + 1, found);
  const star = node.children.get('*');
  if (star !== undefined) walk(star, segments, depth + 1, found);
}

/** Takes a pattern out, and the nodes that served it alone. */
function prune<Bucket>(node: Node<Bucket>, segments: readonly string[], depth: number): void {
  const segment = segments[depth];
  if (segment === undefined) {
    delete node.here;
    return;
  }
  if (segment === '*' && depth === segments.length - 1) {
    delete node.open;
    return;
  }
  const child = node.children.get(segment);
  if (child === undefined) return;
  prune(child, segments, depth + 1);
  if (isBare(child)) node.children.delete(segment);
}

function isBare(node: Node<unknown>): boolean {
  return node.children.size === 0 && node.here === undefined && node.open === undefined;
}
