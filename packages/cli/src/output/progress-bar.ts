const BAR_WIDTH = 24;

export interface Progress {
  readonly what: string;
  readonly done: number;
  /** An estimate while the work goes on. */
  readonly total: number;
  readonly remark: string;
}

/** A line that says how far something is. */
export function progressText({ what, done, total, remark }: Progress): string {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${what} ${bar}${percent}  ${done}/${total}  ${remark}`;
}
