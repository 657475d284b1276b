/** Where a page ended: the sort key of its last row. */
export interface Cursor {
  /** As Postgres writes it, microseconds included. */
  readonly time: string;
  readonly id: string;
}
