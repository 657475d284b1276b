import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import {
  CreateAgentCredentialRequest,
  ListAgentCredentialsRequest,
  RevokeAgentCredentialRequest,
} from '@hookline/contracts';
import type { Run } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import { CommandFailed } from '../command-failed.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { connect } from '../server/connect.ts';
import { printList } from '../server/list-pages.ts';
import { message } from '../server/request.ts';
import type { listAgentsSpec, mintSpec, revokeAgentSpec } from '../specs/admin-specs.ts';
import { agentColumns, agentJson } from '../views/admin-view.ts';
import { present, told } from './show.ts';
import { inMs } from './times.ts';

export const mintAgent: Run<typeof mintSpec> = async (input, context) => {
  const { options } = input;
  checkIsFree(options.out);
  using connection = await connect(options, context);
  const request = message(CreateAgentCredentialRequest, {
    agentCredential: {
      hostName: input.arguments['host-name'],
      description: options.description,
      tenant: options.tenant,
      expireTime: inMs(options.expires),
    },
    requestId: options['request-id'],
  });
  const answer = await connection.admin.createAgentCredential(request, connection.call);
  const agent = agentJson(present(answer.agentCredential, 'the agent credential'));
  const { out } = options;
  if (out !== undefined) await writeCreds(out, answer.creds);
  const shownCreds = out === undefined ? { creds: answer.creds } : { creds_path: out };
  if (context.output.isJson)
    context.output.json({ ...agent, ...shownCreds, nats_urls: answer.natsUrls });
  else {
    if (out === undefined)
      for (const line of answer.creds.trimEnd().split('\n')) context.output.line(line);
    context.output.note(
      `${agent.id} for host ${agent.host}: publish on ${agent.publish_prefix}… at ${answer.natsUrls.join(', ')}${out === undefined ? '' : `, credentials in ${out}`}`,
    );
  }
  return exitCodes.done;
};

/** Before anything is made: a file that is there is not written over, for its credentials are nowhere else. */
function checkIsFree(path: string | undefined): void {
  if (path === undefined || !existsSync(path)) return;
  throw new UsageError(
    [{ subject: '--out', detail: `${JSON.stringify(path)} is there already; name a new file` }],
    'agents mint',
  );
}

async function writeCreds(path: string, creds: string): Promise<void> {
  try {
    await writeFile(path, creds, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already' : `cannot be written (${code})`;
    throw new CommandFailed(
      `the credentials were made, and ${path} ${why}: run it again with another --out, and revoke what was made (agents list)`,
    );
  }
}

export const listAgents: Run<typeof listAgentsSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: agentColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListAgentCredentialsRequest, {
        pageSize,
        pageToken,
        tenant: options.tenant,
        host: options.host,
        includeInactive: options.all,
      });
      const page = await connection.admin.listAgentCredentials(request, connection.call);
      return { items: page.agentCredentials.map(agentJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};

export const revokeAgent: Run<typeof revokeAgentSpec> = async (input, context) => {
  using connection = await connect(input.options, context);
  const { id } = input.arguments;
  const request = message(RevokeAgentCredentialRequest, { id, reason: input.options.reason });
  const answer = await connection.admin.revokeAgentCredential(request, connection.call);
  const agent = agentJson(present(answer.agentCredential, 'the agent credential'));
  told(context.output, agent, `${id} of host ${agent.host} is revoked`);
  return exitCodes.done;
};
