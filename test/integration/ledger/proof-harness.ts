/** A ledger with accounts, entries of every phase, and somebody who chains them. */
import { Logger } from '../../../src/kernel/observability/logger.js';
import { LedgerMetrics } from '../../../src/modules/ledger/ledger.metrics.js';
import { Chainer } from '../../../src/modules/ledger/proof/chain/chain-entries.js';
import { newPrivateKey, readPrivateKey } from '../../../src/modules/ledger/proof/chain/signing-key.js';
import { keyRing } from '../../../src/modules/ledger/proof/chain/head.js';
import { MAX_TRANSFERS_PER_BATCH } from '../../../src/modules/ledger/transfers/posting.store.js';
import type { Instruction } from '../../../src/modules/ledger/transfers/transfer.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { openTestAccounts, transfer, type LedgerProcess } from './harness.js';

export const KEY = readPrivateKey(newPrivateKey());
export const KEYS = keyRing([KEY.publicKey]);

export function chainerOf(
  { database, metrics }: LedgerProcess,
  options: { readonly blockLeaves?: number; readonly walkAccounts?: number } = {},
): Chainer {
  return new Chainer({
    database,
    key: () => Promise.resolve(KEY),
    logger: new Logger({ logLevel: 'silent' }),
    metrics: new LedgerMetrics(metrics),
    ...options,
  });
}

/** Transfers between the accounts in turn, two entries each. */
export async function postMany(ledger: LedgerProcess, accounts: readonly string[], count: number): Promise<void> {
  for (let start = 0; start < count; start += MAX_TRANSFERS_PER_BATCH) {
    const batch = Array.from({ length: Math.min(MAX_TRANSFERS_PER_BATCH, count - start) }, (_, index) => {
      const at = start + index;
      const step = 1 + (at % (accounts.length - 1));
      return transfer(
        accounts[at % accounts.length] ?? '',
        accounts[(at + step) % accounts.length] ?? '',
        BigInt(1 + (at % 97)),
        { subjectId: at % 3 === 0 ? newUuid() : null },
      );
    });
    await ledger.post(batch);
  }
}

/** A pending transfer that was posted in part, one that was voided, one that waits, and a reversal. */
export async function postPhases(ledger: LedgerProcess, debit: string, credit: string): Promise<void> {
  const at = new Date('2026-02-01T08:00:00.001Z');
  const [posted, voided, open, single] = [newUuid(), newUuid(), newUuid(), newUuid()];
  const pending = (id: string): Instruction => ({
    ...transfer(debit, credit, 50n, { id }),
    phase: 'pending',
    expiresAt: id === open ? new Date('2099-01-01T00:00:00Z') : null,
  });
  await ledger.post([pending(posted), pending(voided), pending(open), transfer(debit, credit, 20n, { id: single })]);
  await ledger.post([
    { phase: 'post', id: newUuid(), pendingId: posted, amountMinor: 30n, effectiveAt: at },
    { phase: 'void', id: newUuid(), pendingId: voided, effectiveAt: at },
    { phase: 'reverse', id: newUuid(), reversesId: single, amountMinor: 5n, kind: 'test', effectiveAt: at },
  ]);
}

export function openMany(ledger: LedgerProcess, count: number): Promise<string[]> {
  return openTestAccounts(
    ledger,
    Array.from({ length: count }, () => ({})),
  );
}
