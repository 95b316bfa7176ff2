import { codeOf } from '../errors/describe.js';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const SQL_STATE = {
  uniqueViolation: '23505',
  foreignKeyViolation: '23503',
  checkViolation: '23514',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  invalidAuthorization: '28000',
  insufficientPrivilege: '42501',
  undefinedTable: '42P01',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
} as const;

export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === SQL_STATE.uniqueViolation;
}

/** The constraint a PostgreSQL error names. Decisions about unique violations are made by this name, in the store. */
export function constraintOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('constraint' in error)) return undefined;
  return typeof error.constraint === 'string' ? error.constraint : undefined;
}

/**
 * Whether it is what was to be written that PostgreSQL refuses (data exceptions, integrity, program limits), so that the same
 * without the item at fault would go through. A statement that took too long is none: its halves would only wait as long again.
 */
export function isDataError(error: unknown): boolean {
  return ['22', '23', '54'].some((sqlClass) => codeOf(error)?.startsWith(sqlClass) === true);
}

/**
 * Whether trying the same work again can help: the connection was lost or refused, the server is starting or stopping,
 * or two transactions got in each other's way. Nothing is said about the data.
 */
export function isTransientDatabaseError(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) {
    // node-postgres reports these without a code.
    return (
      error instanceof Error &&
      /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after|not queryable/i.test(
        error.message,
      )
    );
  }
  return (
    code.startsWith('08') || // connection exceptions
    code.startsWith('53') || // insufficient resources: too many connections, disk full, out of memory
    code.startsWith('57P') || // the server shuts down, crashed, or cannot accept connections yet
    code === SQL_STATE.serializationFailure ||
    code === SQL_STATE.deadlockDetected ||
    code === SQL_STATE.lockNotAvailable ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT'].includes(code)
  );
}
