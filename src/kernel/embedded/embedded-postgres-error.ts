/** Why the embedded PostgreSQL cannot be used; the message is one line fit for a terminal and holds no secret. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** What every message ends with when the machine itself is the obstacle: a way on that always exists. */
export const USE_YOUR_OWN = 'Set DATABASE_URL to a PostgreSQL of your own instead.';
