import { IncidentKind, IncidentState, NotificationState, Outcome } from '@hookline/contracts';
import { exampleIds, exampleTime } from './examples.ts';
import {
  about,
  component,
  count,
  instantOrNone,
  oneOf,
  record,
  text,
  textOrNone,
} from './schema-parts.ts';

const notification = record({
  channel: about(text, 'How: `email`.'),
  recipient: about(text, 'To whom.'),
  state: oneOf(NotificationState, 'NOTIFICATION_STATE_'),
  attempts_count: count,
  error: about(textOrNone, 'Why the last try failed.'),
  attempted_at: instantOrNone,
});

/** Trouble of one kind with one cause. */
export const incidentSchema = component(
  'Incident',
  record({
    id: about(text, 'The id, `inc_…`.'),
    kind: about(oneOf(IncidentKind, 'INCIDENT_KIND_'), 'What it is about.'),
    state: about(oneOf(IncidentState, 'INCIDENT_STATE_'), 'Whether it is over.'),
    summary: about(text, 'What happens.'),
    suggestion: about(text, 'What to do about it.'),
    webhook_id: textOrNone,
    host: textOrNone,
    outcome: {
      type: ['string', 'null'],
      enum: [...oneOf(Outcome, 'OUTCOME_').enum, null],
      description: 'How the attempts behind it ended.',
    },
    cause: about(text, 'The code that groups it, such as `http_500`.'),
    count: about(count, 'How often it has shown.'),
    first_at: about(instantOrNone, 'When it showed first.'),
    last_at: about(instantOrNone, 'When it showed last.'),
    resolved_at: about(instantOrNone, 'When it was over.'),
    notifications: { type: 'array', items: notification, description: 'Who was told.' },
  }),
  {
    id: 'inc_01m80mhnh3e85tvw1gzgw007n1',
    kind: 'subscription_disabled',
    state: 'open',
    summary: 'The webhook production shop was disabled: no delivery succeeded for 5 days',
    suggestion: 'Mend the endpoint, resume the webhook, then redrive.',
    webhook_id: exampleIds.webhook,
    host: null,
    outcome: 'http_error',
    cause: 'http_500',
    count: 100_000,
    first_at: exampleTime,
    last_at: exampleTime,
    resolved_at: null,
    notifications: [],
  },
);
