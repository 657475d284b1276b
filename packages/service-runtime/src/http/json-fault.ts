/** One token of JSON, at the place where it is looked for. */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON refuses exactly these within a string.
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;
const SPACE = /[ \t\r\n]*/y;

/** What may come next: a value, a member's name, a colon, or what follows a value. */
type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma';

const WORDS: Readonly<Record<Expected, string>> = {
  value: 'a value',
  'value or ]': 'a value or ]',
  name: 'a name in double quotes',
  'name or }': 'a name in double quotes or }',
  colon: 'a colon',
  comma: 'a comma or the end of the object or list',
};

/**
 * Where and why a text is not JSON, for a text that JSON.parse refuses: V8 says where only for some
 * faults, and quotes the text, which may hold a secret, for the others.
 */
export function describeJsonFault(text: string): string {
  const open: string[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    if (expected === 'comma' && open.length === 0) return told(text, at, 'the end');
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const next: Expected | undefined = match === null ? undefined : after(match, expected, open);
    if (next === undefined) return told(text, at, WORDS[expected]);
    expected = next;
    at = TOKEN.lastIndex;
  }
}

/** What may come after a token; undefined when it may not stand here. */
function after(match: RegExpExecArray, expected: Expected, open: string[]): Expected | undefined {
  const [, mark, string] = match;
  const takesValue = expected === 'value' || expected === 'value or ]';
  const takesName = expected === 'name' || expected === 'name or }';
  if (string !== undefined) return takesName ? 'colon' : takesValue ? 'comma' : undefined;
  if (mark === undefined) return takesValue ? 'comma' : undefined;
  if (takesValue && (mark === '{' || mark === '[')) {
    open.push(mark);
    return mark === '{' ? 'name or }' : 'value or ]';
  }
  if (mark === ':') return expected === 'colon' ? 'value' : undefined;
  const inObject = open.at(-1) === '{';
  if (mark === ',' && expected === 'comma') return inObject ? 'name' : 'value';
  const closes = inObject ? mark === '}' : mark === ']';
  const mayClose = expected === 'comma' || expected === (inObject ? 'name or }' : 'value or ]');
  if (!closes || !mayClose) return undefined;
  open.pop();
  return 'comma';
}

function told(text: string, from: number, expected: string): string {
  SPACE.lastIndex = from;
  SPACE.exec(text);
  const at = SPACE.lastIndex;
  if (at >= text.length) return `it ends where ${expected} should come`;
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  return `at line ${line}, column ${column} there should be ${expected}`;
}
