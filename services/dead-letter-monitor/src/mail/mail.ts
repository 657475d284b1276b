/** One mail, ready to go. */
export interface Mail {
  /** Of the notification: names the mail for ever, in its Message-ID and in its file's name. */
  readonly id: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly createdAt: Date;
}

/** Hands a mail over; throws when it was not taken. */
export type SendMail = (mail: Mail) => Promise<void>;

/** The parts of a message as nodemailer takes them. */
export function messageOf(mail: Mail, from: string) {
  return {
    from,
    to: [...mail.recipients],
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    date: mail.createdAt,
    // The same at every try: a mail that comes again after a crash can be told to be the same one.
    messageId: `<${mail.id}@${domainOf(from)}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function domainOf(from: string): string {
  return /@([^\s>@]+)>?$/.exec(from)?.[1] ?? 'localhost';
}
