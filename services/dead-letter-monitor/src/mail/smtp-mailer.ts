import { createTransport } from 'nodemailer';
import { messageOf, type SendMail } from './mail.ts';

export interface SmtpMailerOptions {
  /** `smtp://` (STARTTLS when offered) or `smtps://`, credentials included. */
  readonly url: string;
  readonly from: string;
}

/**
 * Sends mails over SMTP, one connection a mail.
 *
 * The server's address comes from the operator's configuration and never from a tenant, so it is
 * not under the rules of safe-http: a mail server is usually on a private network, and what a
 * tenant chooses is only whom the mail is for.
 */
export function createSmtpMailer({ url, from }: SmtpMailerOptions): SendMail {
  const transport = createTransport({
    url,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    dnsTimeout: 10_000,
  });
  return async (mail) => {
    await transport.sendMail(messageOf(mail, from));
  };
}
