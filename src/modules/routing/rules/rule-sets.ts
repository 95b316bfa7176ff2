/** Making and activating rule sets. Nothing of a set that is not understood as a whole ever comes into force. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Grant } from '../../../kernel/approvals/approval-action.js';
import type { Database } from '../../../kernel/database/database.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError, type FieldError } from '../../../kernel/errors/domain-error.js';
import { canonicalJson } from '../../../kernel/idempotency/idempotency-key.js';
import type { GatewayAccounts } from '../gateway-accounts.js';
import type { GatewayAdapter } from '../gateways/gateway-adapter.js';
import { isNamed } from '../strategies.js';
import { RuleMatcher } from './match-rules.js';
import type { RoutingPolicy } from './policy.js';
import { errorsOf, readData } from '../../../kernel/http/read-data.js';
import { BY_PRIORITY, gatewaysNamed, ruleSet, type RuleSet } from './rule-set.js';
import {
  activeVersion,
  findContent,
  findRuleSet,
  insertRuleSet,
  lockActiveVersion,
  replaceActive,
} from './rule-sets.store.js';

export interface RuleSetsOptions {
  readonly database: Database;
  readonly accounts: Pick<GatewayAccounts, 'all'>;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly policy: Pick<RoutingPolicy, 'renew'>;
}

/** Rules that somebody asks about: those of a version, or such as are not stored. */
export interface AskedRules {
  readonly version?: number | undefined;
  readonly content?: unknown;
}

/** What two people put into force: which version, in place of which (0: none), and what stood in it. */
export const activation = z.object({
  version: z.number().int().positive(),
  replaces: z.number().int().min(0),
  content_sha256: z.string(),
});
type Activation = z.infer<typeof activation>;
type Approved = Pick<Grant, 'askedBy' | 'grantedBy' | 'approvalId'>;

/** Names of a set that lead nowhere. */
interface Checked {
  /** Gateways that this program does not have: they can only be mistakes. */
  readonly unknown: readonly FieldError[];
  /** Accounts that there are not, and gateways without any: they may still be made. */
  readonly missing: readonly FieldError[];
}

export class RuleSets {
  constructor(private readonly options: RuleSetsOptions) {}

  /**
   * @returns its version, and what should be made before it is activated
   * @throws {DomainError} `request.invalid`
   */
  async create(
    given: unknown,
    note: string,
    createdBy: string,
  ): Promise<{ version: number; warnings: readonly FieldError[] }> {
    const content = readData(ruleSet, given, '/content');
    const { unknown, missing } = await this.check(content, '/content');
    if (unknown.length > 0) throw new DomainError('request.invalid', { errors: unknown });
    const version = await insertRuleSet(this.options.database, { content, note, createdBy });
    return { version, warnings: missing };
  }

  /**
   * What is asked for when a version shall be put into force, which another person approves.
   * @param replaces the version that the caller takes to be in force (0: none); undefined: whichever is
   * @throws {DomainError} `rule_set.not_found`, `rule_set.not_usable`, `rule_set.conflict`, `rule_set.in_force`
   */
  async activation(version: number, replaces: number | undefined): Promise<Activation> {
    const { database } = this.options;
    const stored = await findContent(database, version);
    const content = usable(stored);
    const { unknown, missing } = await this.check(content, '/content');
    // A gateway without accounts is passed over; an account that is named and not there is a mistake in the name.
    const errors = [...unknown, ...missing.filter(({ code }) => code === 'no_such_account')];
    if (errors.length > 0) throw new DomainError('rule_set.not_usable', { errors });
    const active = await activeVersion(database);
    if (replaces !== undefined && replaces !== active) throw conflict(active);
    if (active === version) throw new DomainError('rule_set.in_force');
    return { version, replaces: active, content_sha256: hashContent(stored) };
  }

  /**
   * Puts into force what was approved, in place of what was in force then; again, if it was before.
   * @throws {DomainError} `rule_set.not_found`, `rule_set.not_usable`, `rule_set.conflict`, `approval.changed_meanwhile`
   */
  async activate(tx: Tx, { version, replaces, content_sha256: hash }: Activation, grant: Approved): Promise<void> {
    const active = await lockActiveVersion(tx);
    if (active !== replaces) throw conflict(active);
    const stored = await findContent(tx, version);
    usable(stored);
    if (hashContent(stored) !== hash) throw new DomainError('approval.changed_meanwhile');
    await replaceActive(tx, version, active, grant);
    tx.afterCommit(() => this.options.policy.renew());
  }

  /**
   * The rules that are asked about, ready to be used.
   * @returns undefined: those in force
   * @throws {DomainError} `request.invalid`, `rule_set.not_found`
   */
  async asked({ version, content }: AskedRules): Promise<{ version: number | null; matcher: RuleMatcher } | undefined> {
    if (content !== undefined) {
      if (version !== undefined)
        throw new DomainError('request.invalid', {
          errors: [{ pointer: '/version', code: 'conflict', detail: 'give a version or a content, not both' }],
        });
      const set = readData(ruleSet, content, '/content');
      const { unknown } = await this.check(set, '/content');
      if (unknown.length > 0) throw new DomainError('request.invalid', { errors: unknown });
      return { version: null, matcher: new RuleMatcher(set) };
    }
    if (version === undefined) return undefined;
    if (version === 0) return { version, matcher: new RuleMatcher(BY_PRIORITY) };
    const row = await findRuleSet(this.options.database, version);
    if (row === undefined) throw new DomainError('rule_set.not_found');
    return { version, matcher: new RuleMatcher(readData(ruleSet, row.content, '/content')) };
  }

  private async check(set: RuleSet, at: string): Promise<Checked> {
    const accounts = await this.options.accounts.all();
    const named = gatewaysNamed(set).map(({ pointer, name }) => ({ name, pointer: `${at}${pointer}` }));
    const isKnown = (name: string): boolean => this.options.adapters.has(name.split('/')[0] ?? '');
    return {
      unknown: named
        .filter(({ name }) => !isKnown(name))
        .map(({ pointer, name }) => ({ pointer, code: 'unknown_gateway', detail: `there is no gateway ${name}` })),
      missing: named
        .filter(({ name }) => isKnown(name) && !accounts.some((account) => isNamed(account, name)))
        .map(({ pointer, name }) =>
          name.includes('/')
            ? { pointer, code: 'no_such_account', detail: `there is no account ${name}` }
            : { pointer, code: 'no_account', detail: `there is no account at ${name}` },
        ),
    };
  }
}

/** @throws {DomainError} `rule_set.not_found`, `rule_set.not_usable` */
function usable(stored: unknown): RuleSet {
  if (stored === undefined) throw new DomainError('rule_set.not_found');
  const content = ruleSet.safeParse(stored);
  if (!content.success) throw new DomainError('rule_set.not_usable', { errors: errorsOf(content.error, '/content') });
  return content.data;
}

function conflict(active: number): DomainError {
  return new DomainError('rule_set.conflict', { members: { active_version: active } });
}

function hashContent(stored: unknown): string {
  return createHash('sha256').update(canonicalJson(stored)).digest('hex');
}
