import type { z } from 'zod';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { bankLineAnswer } from './bank-line.answers.js';
import type { BankLineRow } from './bank.store.js';

export type ShownBankLine = z.infer<typeof bankLineAnswer>;

export function shownBankLine(line: BankLineRow): ShownBankLine {
  return {
    object: 'bank_line',
    id: encodeId('bankLine', line.id),
    source: encodeId('reconciliationSource', line.sourceId),
    livemode: line.livemode,
    line: line.fileLine,
    account: line.account,
    statement_id: line.statementId,
    bank_id: line.bankId,
    booked_on: line.bookedOn,
    value_on: line.valueOn,
    amount: toJsonAmount(line.amount),
    currency: line.currency,
    is_reversal: line.isReversal,
    references: { ...line.references },
    description: line.description,
    parts: line.parts,
  };
}
