import { Link, useLocation } from 'wouter';
import { useSession } from '../session/session.ts';

interface Place {
  readonly href: string;
  readonly name: string;
}

const WATCH: readonly Place[] = [
  { href: '/', name: 'Overview' },
  { href: '/events', name: 'Events' },
  { href: '/deliveries', name: 'Deliveries' },
];
const SET_UP: readonly Place[] = [
  { href: '/webhooks', name: 'Webhooks' },
  { href: '/playground', name: 'Playground' },
];
const MEND: readonly Place[] = [
  { href: '/dead-letters', name: 'Dead letters' },
  { href: '/incidents', name: 'Incidents' },
  { href: '/rejected', name: 'Rejected' },
  { href: '/replays', name: 'Replays' },
];
const ADMINISTER: readonly Place[] = [
  { href: '/agents', name: 'Agents' },
  { href: '/keys', name: 'API keys' },
  { href: '/audit', name: 'Audit' },
];

/** The links to every page that the key may see. */
export function Navigation({ onChosen }: { readonly onChosen: () => void }) {
  const { isAdmin } = useSession();
  const [location] = useLocation();
  const groups = [WATCH, SET_UP, MEND, ...(isAdmin ? [ADMINISTER] : [])];
  const isHere = (href: string) =>
    href === '/' ? location === '/' : location === href || location.startsWith(`${href}/`);
  return groups.map((places) => (
    <ul className="places" key={places[0]?.href}>
      {places.map(({ href, name }) => (
        <li key={href}>
          <Link href={href} aria-current={isHere(href) ? 'page' : undefined} onClick={onChosen}>
            {name}
          </Link>
        </li>
      ))}
    </ul>
  ));
}
