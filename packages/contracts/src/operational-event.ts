/** The extension by which an event of Hookline's own says which subscription it is about. */
export const ABOUT_SUBSCRIPTION = 'aboutsubscription';

/** Whether this is a type of an event that Hookline makes itself. */
export function isOwnType(type: string): boolean {
  return type.startsWith('hookline.');
}

/**
 * Whether an event of Hookline's own is about this very subscription, which is not told of itself: its
 * trouble would feed on itself.
 */
export function isAboutItself(
  event: {
    readonly type: string;
    readonly extensions: Readonly<Record<string, string | undefined>>;
  },
  subscriptionId: string,
): boolean {
  return isOwnType(event.type) && event.extensions[ABOUT_SUBSCRIPTION] === subscriptionId;
}
