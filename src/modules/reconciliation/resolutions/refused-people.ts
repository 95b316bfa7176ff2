import { constraintOf, SQL_STATE } from '../../../kernel/database/sql-state.js';
import { codeOf } from '../../../kernel/errors/describe.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';

/**
 * What people are told whom the table refuses (prisma/migrations, reconciliation.guard_resolution): whoever the guard let in a moment ago may have been signed
 * out since, and whoever asked may have left.
 * @throws {DomainError} `auth.session_over`, `approval.maker_gone`; whatever else the work throws
 */
export async function tellingRefusals<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) !== SQL_STATE.invalidAuthorization) throw error;
    throw new DomainError(constraintOf(error) === 'resolution_maker' ? 'approval.maker_gone' : 'auth.session_over', {
      cause: error,
    });
  }
}
