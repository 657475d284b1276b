import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useSession, useSigning } from '../session/session.ts';
import { ColourSwitch } from './colour-switch.tsx';
import { Navigation } from './navigation.tsx';

/** The frame of every page: what there is, who is signed in. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { tenant, role } = useSession();
  const { signOut } = useSigning();
  const [isOpen, menu] = useDisclosure(false);
  return (
    <div className="shell">
      <header>
        <a className="skip" href="#main">
          Skip to the content
        </a>
        <Button
          className="menu-button"
          variant="default"
          size="xs"
          aria-expanded={isOpen}
          aria-controls="places"
          onClick={menu.toggle}
        >
          Menu
        </Button>
        <Link href="/" className="brand">
          <img src="/icon.svg" alt="" width="24" height="24" />
          Hookline
        </Link>
        <span className="wide-only" title="Tenant and role of your key">
          {tenant} · {role}
        </span>
        <ColourSwitch />
        <Button variant="default" size="xs" onClick={() => void signOut()}>
          Sign out
        </Button>
      </header>
      <nav id="places" aria-label="Main" data-open={isOpen || undefined}>
        <Navigation onChosen={menu.close} />
      </nav>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
