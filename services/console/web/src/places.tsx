import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { AgentsPage } from './agents/agents-page.tsx';
import { AuditPage } from './audit/audit-page.tsx';
import { DeadLetterPage } from './dead-letters/dead-letter-page.tsx';
import { DeadLettersPage } from './dead-letters/dead-letters-page.tsx';
import { DeliveriesPage } from './deliveries/deliveries-page.tsx';
import { DeliveryPage } from './deliveries/delivery-page.tsx';
import { EventPage } from './events/event-page.tsx';
import { EventsPage } from './events/events-page.tsx';
import { IncidentsPage } from './incidents/incidents-page.tsx';
import { KeysPage } from './keys/keys-page.tsx';
import { Loading } from './parts/loading.tsx';
import { NothingHere } from './parts/nothing-here.tsx';
import { PlaygroundPage } from './playground/playground-page.tsx';
import { RejectedPage } from './rejected/rejected-page.tsx';
import { ReplayPage } from './replays/replay-page.tsx';
import { ReplaysPage } from './replays/replays-page.tsx';
import { EditWebhookPage } from './webhooks/edit-webhook-page.tsx';
import { NewWebhookPage } from './webhooks/new-webhook-page.tsx';
import { WebhookPage } from './webhooks/webhook-page.tsx';
import { WebhooksPage } from './webhooks/webhooks-page.tsx';

/** The charts are half of the page's weight: only the overview waits for them. */
const OverviewPage = lazy(async () => ({
  default: (await import('./overview/overview-page.tsx')).OverviewPage,
}));

/** Which page an address shows. */
export function Places() {
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/" component={OverviewPage} />
        <Route path="/webhooks" component={WebhooksPage} />
        <Route path="/webhooks/new" component={NewWebhookPage} />
        <Route path="/webhooks/:id">{({ id }) => <WebhookPage key={id} id={id} />}</Route>
        <Route path="/webhooks/:id/edit">{({ id }) => <EditWebhookPage key={id} id={id} />}</Route>
        <Route path="/events" component={EventsPage} />
        <Route path="/events/:id">{({ id }) => <EventPage key={id} id={id} />}</Route>
        <Route path="/deliveries" component={DeliveriesPage} />
        <Route path="/deliveries/:id">{({ id }) => <DeliveryPage key={id} id={id} />}</Route>
        <Route path="/dead-letters" component={DeadLettersPage} />
        <Route path="/dead-letters/:id">{({ id }) => <DeadLetterPage key={id} id={id} />}</Route>
        <Route path="/incidents" component={IncidentsPage} />
        <Route path="/rejected" component={RejectedPage} />
        <Route path="/replays" component={ReplaysPage} />
        <Route path="/replays/:id">{({ id }) => <ReplayPage key={id} id={id} />}</Route>
        <Route path="/playground" component={PlaygroundPage} />
        <Route path="/agents" component={AgentsPage} />
        <Route path="/keys" component={KeysPage} />
        <Route path="/audit" component={AuditPage} />
        <Route component={NothingHere} />
      </Switch>
    </Suspense>
  );
}
