import type { Database } from '../../kernel/database/database.js';
import type { Reader, Tenant } from '../../kernel/database/tenant-scope.js';

/**
 * Through which connections the books are read for somebody.
 * @param owner a merchant, to whom PostgreSQL itself shows nothing of anybody else; null for an operator, who sees all
 */
export function readerFor(database: Database, owner: Tenant | null): Reader {
  return owner === null ? database : database.asTenant(owner);
}
