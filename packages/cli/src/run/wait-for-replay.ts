import { GetReplayRequest, type Replay, ReplayState } from '@hookline/contracts';
import { type Context, Interrupted } from '../context.ts';
import { createPatience } from '../follow/patiently.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { progressText } from '../output/progress-bar.ts';
import type { Connection } from '../server/connect.ts';
import { message } from '../server/request.ts';
import { replayJson } from '../views/replay-view.ts';
import { present, show } from './show.ts';

const LOOK_EVERY_MS = 300;
const ENDED: ReadonlySet<ReplayState> = new Set([
  ReplayState.REPLAY_STATE_COMPLETED,
  ReplayState.REPLAY_STATE_CANCELLED,
  ReplayState.REPLAY_STATE_FAILED,
]);

/**
 * Shows how far a replay is until it has handed everything to delivery, through restarts of the server.
 * What then waits for a retry may take days, and is not waited for. Ctrl-C ends the watching, not the
 * replay.
 */
export async function waitForReplay(
  connection: Connection,
  { output, signal }: Context,
  created: Replay,
): Promise<number> {
  const patience = createPatience({ signal, onTrouble: (text) => output.note(text) });
  let replay = created;
  while (!hasEnded(replay)) {
    output.status(statusOf(replay));
    try {
      await patience.pause(LOOK_EVERY_MS);
      const request = message(GetReplayRequest, { id: created.id });
      const answer = await connection.deliveries.getReplay(request, connection.call);
      replay = present(answer.replay, 'the replay');
      patience.worked();
    } catch (error) {
      if (error instanceof Interrupted) {
        output.note(`it goes on; replays cancel ${created.id} stops it`);
        throw error;
      }
      await patience.failed(error);
    }
  }
  output.status('');
  show(output, replayJson(replay));
  const { enqueuedCount = 0n, succeededCount = 0n, failedCount = 0n } = replay.progress ?? {};
  const open = enqueuedCount - succeededCount - failedCount;
  if (open > 0n) output.note(`${open} are still on their way, or wait for their next attempt`);
  return replay.state === ReplayState.REPLAY_STATE_COMPLETED ? exitCodes.done : exitCodes.failed;
}

function hasEnded({ state }: Replay): boolean {
  return ENDED.has(state);
}

function statusOf({ id, progress }: Replay): string {
  return progressText({
    what: id,
    done: Number(progress?.scannedCount ?? 0n),
    total: Number(progress?.totalCount ?? 0n),
    remark: `delivered ${progress?.succeededCount ?? 0n}, failed ${progress?.failedCount ?? 0n}`,
  });
}
