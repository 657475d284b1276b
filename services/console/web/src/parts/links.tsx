import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';

interface To {
  readonly id: string;
  readonly children?: ReactNode;
}

/** A link within the page. */
export function To({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  return (
    <Anchor component={Link} href={href} size="sm" underline="always">
      {children}
    </Anchor>
  );
}

export const ToWebhook = ({ id, children = shortId(id) }: To) => (
  <To href={`/webhooks/${id}`}>{children}</To>
);
export const ToEvent = ({ id, children = shortId(id) }: To) => (
  <To href={`/events/${id}`}>{children}</To>
);
export const ToDelivery = ({ id, children = shortId(id) }: To) => (
  <To href={`/deliveries/${id}`}>{children}</To>
);
export const ToReplay = ({ id, children = shortId(id) }: To) => (
  <To href={`/replays/${id}`}>{children}</To>
);

/** Enough of an id to tell it from its neighbours: its end, since its beginning is a time. */
export function shortId(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-6)}`;
}
