import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { messageOf, type SendMail } from './mail.ts';

export interface FileMailerOptions {
  /** Made, for its owner alone, when it is not there. */
  readonly folder: string;
  readonly from: string;
}

/**
 * Writes mails as `<time>-<id>.eml`, readable by the owner alone, for where no SMTP server is
 * configured. A mail written again after a crash replaces its own file.
 */
export function createFileMailer({ folder, from }: FileMailerOptions): SendMail {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return async (mail) => {
    const { message } = await transport.sendMail(messageOf(mail, from));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const time = mail.createdAt.toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const path = join(folder, `${time}-${mail.id}.eml`);
    const partial = `${path}.${process.pid}.partial`;
    await writeFile(partial, message as Buffer, { mode: 0o600 });
    await rename(partial, path);
  };
}
