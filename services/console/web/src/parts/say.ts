import { notifications } from '@mantine/notifications';
import { wordsOf } from '../api/problem.ts';

/** A short word on what was done, or why it was not. */
export function say(message: string): void {
  notifications.show({ message, withBorder: true });
}

/** Does something, says that it is done or what went wrong, and answers which. */
export async function attempt(work: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await work();
    say(done);
    return true;
  } catch (error) {
    notifications.show({ message: wordsOf(error), color: 'red', withBorder: true });
    return false;
  }
}
