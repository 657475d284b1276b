import { createTransport } from 'nodemailer';
import { messageOf, type SendMail } from './mail.ts';

export interface SmtpMailerOptions {
  /** `smtp://` (STARTTLS when offered) or `smtps://`, credentials included. */
  readonly url: string;
  readonly from: string;
  /** How long the server may take to be reached and to greet; three times as long for an answer. Default 10,000 ms. */
  readonly timeoutMs?: number;
}

/**
 * Sends mails over SMTP, one connection a mail.
 *
 * The server's address comes from the operator's configuration and never from a tenant, so it is
 * not under the rules of safe-http: a mail server is usually on a private network, and what a
 * tenant chooses is only whom the mail is for.
 */
export function createSmtpMailer({ url, from, timeoutMs = 10_000 }: SmtpMailerOptions): SendMail {
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: 3 * timeoutMs,
    dnsTimeout: timeoutMs,
  });
  return async (mail) => {
    await transport.sendMail(messageOf(mail, from));
  };
}
