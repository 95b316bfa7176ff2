import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../../../config/env.js';
import type { Queryable } from '../../../kernel/database/tx.js';
import { ENV } from '../../../kernel/kernel.tokens.js';
import { policiesInForce, type PolicyQuestion } from './policies.store.js';
import { defaultPolicy, policyContent, type Policy } from './policy.js';

/** Which settlement policy decides about what. */
@Injectable()
export class SettlementPolicies {
  private readonly default: Policy;

  constructor(@Inject(ENV) env: Pick<Env, 'settlementDefault'>) {
    this.default = defaultPolicy(env.settlementDefault);
  }

  /**
   * One question for a whole batch, so that what was said a moment ago counts everywhere.
   * @returns the policies in the order of the questions
   * @throws {ZodError} for a policy that this program does not understand, perhaps of a later version
   */
  async inForce(db: Queryable, questions: readonly PolicyQuestion[]): Promise<readonly Policy[]> {
    if (questions.length === 0) return [];
    const found = await policiesInForce(db, questions);
    const read = new Map<string, Policy>();
    return questions.map((_, index) => {
      const row = found.get(index + 1);
      if (row === undefined) return this.default;
      const known = read.get(row.id) ?? { id: row.id, ...policyContent.parse(row.content) };
      read.set(row.id, known);
      return known;
    });
  }
}
