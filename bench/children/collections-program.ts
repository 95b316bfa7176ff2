/**
 * Collections of many merchants through the ledger's posting call, with the transfers that a payment has: what the gateway
 * took, its fee, and ours. The platform's three accounts are in every batch, each merchant's only in some.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/kernel/database/database.js';
import { newUuid } from '../../src/kernel/ids/ids.js';
import { postTransfers } from '../../src/modules/ledger/transfers/posting.store.js';
import type { Transfer } from '../../src/modules/ledger/transfers/transfer.js';
import { countDisagreements } from '../../src/modules/ledger/statements/trial-balance.store.js';

export interface CollectionsInput {
  readonly databaseUrl: string;
  readonly merchants: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface CollectionsResult {
  readonly transfersPerSecond: number;
  readonly transfersPerPayment: number;
  /** Transfers per call. */
  readonly batch: number;
}

/** A consumer's full batch. */
const PAYMENTS_PER_BATCH = 250;
const TRANSFERS_PER_PAYMENT = 3;
/** As many as the app's workers take batches at a time. */
const POSTERS = 2;
const AMOUNT_MINOR = 1_500n;
const GATEWAY_FEE_MINOR = 29n;
const PLATFORM_FEE_MINOR = 7n;

interface Accounts {
  readonly gatewayClearing: string;
  readonly gatewayFees: string;
  readonly platformFees: string;
  readonly merchants: readonly string[];
}

/** @throws when the entries do not bear out the accounts afterwards */
export async function run(input: CollectionsInput): Promise<CollectionsResult> {
  const database = new Database({ url: input.databaseUrl, owner: 'ledger', poolSize: POSTERS });
  try {
    const accounts = await openAccounts(database, input.merchants);
    const transfersPerSecond = await measure(database, accounts, input);
    // Fast and wrong would be worth nothing.
    const wrong = await database.transaction((tx) => countDisagreements(tx));
    if (wrong !== 0n) throw new Error(`After the run ${wrong} accounts or transfers disagree with their entries`);
    return {
      transfersPerSecond,
      transfersPerPayment: TRANSFERS_PER_PAYMENT,
      batch: PAYMENTS_PER_BATCH * TRANSFERS_PER_PAYMENT,
    };
  } finally {
    await database.close();
  }
}

async function measure(database: Database, accounts: Accounts, input: CollectionsInput): Promise<number> {
  let posted = 0;
  let running = true;
  const poster = async (): Promise<void> => {
    while (running) {
      const outcomes = await postTransfers(database, collections(accounts));
      posted += outcomes.filter((outcome) => outcome === 'posted').length;
    }
  };
  const failed = Promise.all(Array.from({ length: POSTERS }, poster));
  await Promise.race([sleep(input.warmUpMs), failed]);
  const before = posted;
  const startedAt = performance.now();
  await Promise.race([sleep(input.measureMs), failed]);
  const perSecond = (posted - before) / ((performance.now() - startedAt) / 1_000);
  running = false;
  await failed;
  return perSecond;
}

async function openAccounts(database: Database, merchants: number): Promise<Accounts> {
  const open = async (kind: string, side: string, merchantIds: readonly (string | null)[]): Promise<string[]> => {
    const rows = await database.query<{ id: string }>(
      `INSERT INTO ledger.account (id, merchant_id, livemode, currency, kind, normal_side)
       SELECT id, merchant_id, false, 'GHS', $3, $4 FROM unnest($1::uuid[], $2::uuid[]) AS u (id, merchant_id) RETURNING id`,
      [merchantIds.map(() => newUuid()), merchantIds, kind, side],
    );
    return rows.map((row) => row.id);
  };
  const [gatewayClearing = ''] = await open('gateway_clearing', 'debit', [null]);
  const [gatewayFees = ''] = await open('gateway_fees', 'debit', [null]);
  const [platformFees = ''] = await open('platform_fees', 'credit', [null]);
  const ids = Array.from({ length: merchants }, () => newUuid());
  return { gatewayClearing, gatewayFees, platformFees, merchants: await open('merchant_pending', 'credit', ids) };
}

function collections(accounts: Accounts): readonly Transfer[] {
  const effectiveAt = new Date();
  return Array.from({ length: PAYMENTS_PER_BATCH }).flatMap(() => {
    const merchant = accounts.merchants[Math.floor(Math.random() * accounts.merchants.length)] ?? '';
    const about = { subjectId: newUuid(), effectiveAt };
    const transfer = (
      kind: string,
      debitAccountId: string,
      creditAccountId: string,
      amountMinor: bigint,
    ): Transfer => ({
      id: newUuid(),
      debitAccountId,
      creditAccountId,
      amountMinor,
      kind,
      ...about,
    });
    return [
      transfer('collection', accounts.gatewayClearing, merchant, AMOUNT_MINOR),
      transfer('gateway_fee', accounts.gatewayFees, accounts.gatewayClearing, GATEWAY_FEE_MINOR),
      transfer('platform_fee', merchant, accounts.platformFees, PLATFORM_FEE_MINOR),
    ];
  });
}
