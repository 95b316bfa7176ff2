/** The ledger's own parts on a real database, without the HTTP front and the relay. */
import { readEnv, type PayoutFunds } from '../../../src/config/env.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Metrics } from '../../../src/kernel/observability/metrics.js';
import { AccountIds } from '../../../src/modules/ledger/accounts/account-ids.js';
import { NORMAL_SIDE, type AccountKind, type LimitMode } from '../../../src/modules/ledger/accounts/account.js';
import { BookCollections } from '../../../src/modules/ledger/bookings/book-collections.js';
import { HoldFunds } from '../../../src/modules/ledger/holds/hold-funds.js';
import { LedgerMetrics } from '../../../src/modules/ledger/ledger.metrics.js';
import { postTransfers } from '../../../src/modules/ledger/transfers/posting.store.js';
import type { Instruction, PostingOutcome, Transfer } from '../../../src/modules/ledger/transfers/transfer.js';
import { countDisagreements, TrialBalanceStore } from '../../../src/modules/ledger/statements/trial-balance.store.js';
import { SettlementPolicies } from '../../../src/modules/ledger/settlement/policies.js';
import type { Database } from '../../../src/kernel/database/database.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

/** What a process that hosts the module has. */
export interface LedgerProcess {
  readonly database: Database;
  readonly accountIds: AccountIds;
  readonly bookCollections: BookCollections;
  readonly holdFunds: HoldFunds;
  readonly trialBalance: TrialBalanceStore;
  readonly metrics: Metrics;
  post(instructions: readonly Instruction[]): Promise<readonly PostingOutcome[]>;
}

export interface LedgerHarness {
  /** As the superuser. */
  readonly superuser: TestDatabase;
  process(settings?: { payoutFunds: PayoutFunds }): LedgerProcess;
  close(): Promise<void>;
}

export async function createHarness(): Promise<LedgerHarness> {
  const superuser = await createTestDatabase();
  const open: Databases[] = [];
  return {
    superuser,
    process: ({ payoutFunds } = { payoutFunds: 'captured' }) => {
      const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: superuser.url });
      const databases = new Databases(env, new Logger(env));
      open.push(databases);
      const database = databases.of('ledger');
      const accountIds = new AccountIds();
      const metrics = new Metrics();
      const ledgerMetrics = new LedgerMetrics(metrics);
      const policies = new SettlementPolicies(env);
      return {
        database,
        accountIds,
        metrics,
        bookCollections: new BookCollections(accountIds, ledgerMetrics, policies),
        holdFunds: new HoldFunds(accountIds, ledgerMetrics, policies, { payoutFunds }),
        trialBalance: new TrialBalanceStore(databases),
        post: (instructions) => database.transaction((tx) => postTransfers(tx, instructions)),
      };
    },
    close: async () => {
      await Promise.all(open.map((each) => each.close()));
      await superuser.drop();
    },
  };
}

export interface AccountSpec {
  readonly kind?: AccountKind;
  readonly limitMode?: LimitMode;
  readonly currency?: string;
  readonly livemode?: boolean;
}

/** Opens accounts of any kind and limit; kinds of the platform are told apart by a qualifier of their own. */
export async function openTestAccounts(process: LedgerProcess, specs: readonly AccountSpec[]): Promise<string[]> {
  const rows = specs.map((spec) => ({ id: newUuid(), kind: spec.kind ?? ('suspense' satisfies AccountKind), spec }));
  await process.database.query(
    `INSERT INTO ledger.account (id, merchant_id, livemode, currency, kind, qualifier, normal_side, limit_mode)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $1::text[], $6::text[], $7::text[])`,
    [
      rows.map((row) => row.id),
      rows.map((row) => (row.kind.startsWith('merchant') ? newUuid() : null)),
      rows.map((row) => row.spec.livemode ?? false),
      rows.map((row) => row.spec.currency ?? 'NGN'),
      rows.map((row) => row.kind),
      rows.map((row) => NORMAL_SIDE[row.kind]),
      rows.map((row) => row.spec.limitMode ?? 'none'),
    ],
  );
  return rows.map((row) => row.id);
}

export function transfer(
  debitAccountId: string,
  creditAccountId: string,
  amountMinor: bigint,
  more: Partial<Transfer> = {},
): Transfer {
  return {
    id: newUuid(),
    debitAccountId,
    creditAccountId,
    amountMinor,
    kind: 'test',
    subjectId: null,
    effectiveAt: new Date('2026-01-31T10:00:00.123Z'),
    ...more,
  };
}

/** Accounts, transfers and holds that entries or holds contradict. */
export function disagreements(process: LedgerProcess): Promise<bigint> {
  return process.database.transaction((tx) => countDisagreements(tx));
}

/** Debits less credits over all accounts, by currency and mode. */
export async function differences(process: LedgerProcess): Promise<Record<string, bigint>> {
  const { accounts } = await process.trialBalance.read({ verify: false });
  const sums: Record<string, bigint> = {};
  for (const row of accounts) {
    const key = `${row.currency} ${row.livemode ? 'live' : 'test'}`;
    sums[key] = (sums[key] ?? 0n) + row.debits - row.credits;
  }
  return sums;
}

/** As whoever watches over the ledger would. */
export async function changeState(process: LedgerProcess, id: string, state: string): Promise<string | undefined> {
  const [row] = await process.database.query<{ outcome: string }>(
    `SELECT ledger.change_account_state($1, $2, 'a reason', 'system', NULL) AS outcome`,
    [id, state],
  );
  return row?.outcome;
}
