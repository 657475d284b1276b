import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/**
 * Makes role `hookline` (owner of the schema, no superuser) and database
 * `hookline` where they are missing. CREATEROLE lets its migrations make
 * `hookline_service`, the role that owns nothing, and become it by SET ROLE.
 */
export async function ensureOwner(superuserUrl: string, password: string): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const role = escapeIdentifier('hookline');
    const found = await client.query<{ role: boolean; database: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hookline') AS role,
              EXISTS (SELECT FROM pg_database WHERE datname = 'hookline') AS database`,
    );
    if (!found.rows[0]?.role) {
      await client.query(
        `CREATE ROLE ${role} LOGIN CREATEROLE PASSWORD ${escapeLiteral(password)}`,
      );
      // From version 16 a creator is only administrator of the roles it makes;
      // with this it may also become them.
      await client.query(`ALTER ROLE ${role} SET createrole_self_grant = 'set, inherit'`);
    }
    if (!found.rows[0]?.database) await client.query(`CREATE DATABASE hookline OWNER ${role}`);
  } finally {
    await client.end();
  }
}
