import { reasonOf } from '@hookline/service-runtime';
import { continueTrace, redactText, type Tracing } from '@hookline/telemetry';
import type { SendMail } from './mail/mail.ts';
import type { DueNotification } from './postgres/notification-outbox.ts';

/** Sends a mail in a span below the one that wrote it. */
export async function traceMail(
  tracing: Tracing,
  due: DueNotification,
  sendMail: SendMail,
): Promise<void> {
  if (!tracing.enabled) return await sendMail(due);
  const { context, parentSpanId } = continueTrace(tracing, due.traceparent);
  const startedMs = performance.timeOrigin + performance.now();
  let error: string | undefined;
  try {
    await sendMail(due);
  } catch (failure) {
    error = redactText(reasonOf(failure));
    throw failure;
  } finally {
    if (context.sampled || error !== undefined) {
      tracing.record({
        ...{ name: 'send mail', kind: 'client', context, parentSpanId, startedMs, error },
        endedMs: performance.timeOrigin + performance.now(),
        attributes: {
          'network.protocol.name': 'smtp',
          'messaging.message.id': due.id,
          'hookline.mail.recipients': due.recipients.length,
          'hookline.mail.tries': due.tries,
          'error.type': error === undefined ? undefined : 'mail_failed',
        },
      });
    }
  }
}
