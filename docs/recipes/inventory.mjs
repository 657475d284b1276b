/**
 * Keeps the id of every server in a database, SQLite here. A server's sequence only rises in it,
 * so that a repeat, or an event that a later one overtook, changes nothing, not even after a restart.
 * Subscribe to: server.created, server.deleted. Settings: WEBHOOK_SECRET, INVENTORY_FILE.
 */
import { DatabaseSync } from 'node:sqlite';
import { runRecipe, setting } from './harness.mjs';

const database = new DatabaseSync(setting('INVENTORY_FILE'));
database.exec(`
  CREATE TABLE IF NOT EXISTS server (
    id TEXT PRIMARY KEY, name TEXT, state TEXT NOT NULL, sequence TEXT NOT NULL
  );
`);
const store = database.prepare(`
  INSERT INTO server (id, name, state, sequence) VALUES (?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    name = coalesce(excluded.name, name), state = excluded.state, sequence = excluded.sequence
  WHERE excluded.sequence > server.sequence
`);

runRecipe(({ event }) => {
  const state = { 'server.created': 'present', 'server.deleted': 'gone' }[event.type];
  if (state === undefined || event.subject === undefined) return;
  store.run(event.subject, event.data.name ?? null, state, event.sequence);
});
