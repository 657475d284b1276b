/** What an answer of a service must hold. @throws Error when it does not, which is a fault of ours */
export function present<T>(message: T | undefined, what: string): T {
  if (message === undefined) throw new Error(`the service answered without ${what}`);
  return message;
}
