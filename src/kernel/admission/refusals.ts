/** What is said to whom is refused. Made once: an error notes where it was made, which costs more than all else about a refusal. */
import { DomainError } from '../errors/domain-error.js';

/**
 * Short enough that a merchant who waited gets in soon after, long enough to spread a crowd; and no merchant's rate is less than one in
 * that time, also where it is its own (LIMIT_BOUNDS).
 */
const RETRY_AFTER_SECONDS = 1;
export const RATE_LIMITED = new DomainError('service.rate_limited', { retryAfterSeconds: RETRY_AFTER_SECONDS });
export const OVERLOADED = new DomainError('service.overloaded', { retryAfterSeconds: RETRY_AFTER_SECONDS });
