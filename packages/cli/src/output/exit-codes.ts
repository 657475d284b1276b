/** What the command ends with. The page of the command line lists them from here. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  unreachable: 5,
  unimplemented: 6,
  interrupted: 130,
} as const;

/** Their meaning, in the words of the documentation. */
export const exitCodeTexts: readonly (readonly [code: number, meaning: string])[] = [
  [exitCodes.done, 'done'],
  [exitCodes.failed, 'failed: refused in the present state, or what was checked is not right'],
  [exitCodes.usage, 'wrong usage: a flag, an argument or a value; each is named'],
  [exitCodes.notFound, 'there is no such thing, or it is another tenant’s'],
  [exitCodes.notAllowed, 'the key is not valid, or its role may not'],
  [exitCodes.unreachable, 'Hookline cannot be found or reached'],
  [exitCodes.unimplemented, 'the Hookline that runs has not got this yet'],
  [exitCodes.interrupted, 'interrupted by Ctrl-C'],
];
