import { bankMappingSchema } from '../mapping.js';

export const bank = bankMappingSchema.parse({
  formatVersion: 1,
  id: 'bank',
  name: 'Bank statement with debit, credit and balance',
  description:
    'What most banks of the region export: one column for debits, one for credits, and the balance behind each line, oldest first. Nothing of it is documented by a bank: copy it for each bank, ' +
    'set the currency of the account, the order, and the headers, and leave the balance out where the file has none. Prefer camt.053 where the bank offers it.',
  produces: 'bank_lines',
  columns: { description: ['Description', 'Narration', 'Remarks', 'Details', 'Transaction Details', 'Libellé'] },
  references: {
    bank_reference: ['Reference', 'Transaction Reference', 'Ref', 'Ref No', 'Instrument No', 'Référence'],
  },
  amount: {
    from: 'debit_credit',
    debit: ['Debit', 'Debit Amount', 'Withdrawal', 'Withdrawals', 'Money Out', 'Débit'],
    credit: ['Credit', 'Credit Amount', 'Deposit', 'Deposits', 'Lodgement', 'Lodgements', 'Money In', 'Crédit'],
  },
  currency: { constant: 'NGN' },
  bookedOn: {
    column: ['Transaction Date', 'Trans Date', 'Posting Date', 'Booking Date', 'Post Date', 'Date', 'Date opération'],
    formats: [
      'dd/MM/yyyy',
      'dd-MM-yyyy',
      'dd.MM.yyyy',
      'yyyy-MM-dd',
      'dd-MMM-yyyy',
      'dd-MMM-yy',
      'dd MMM yyyy',
      'dd/MM/yyyy HH:mm:ss',
    ],
  },
  valueOn: {
    column: ['Value Date', 'Date valeur'],
    formats: ['dd/MM/yyyy', 'dd-MM-yyyy', 'dd.MM.yyyy', 'yyyy-MM-dd', 'dd-MMM-yyyy', 'dd-MMM-yy', 'dd MMM yyyy'],
  },
  balance: { column: ['Balance', 'Running Balance', 'Book Balance', 'Solde'], order: 'oldest_first' },
  numbers: { symbols: ['₦', 'N'] },
  ignore: ['opening balance', 'balance b/f', 'brought forward', 'closing balance', 'balance c/f', 'total'].map(
    (words) => [
      {
        column: ['Description', 'Narration', 'Remarks', 'Details', 'Transaction Details', 'Libellé'],
        is: 'beginning_with',
        values: [words],
      },
      // A line that moves money is a line, whatever it is called.
      { column: ['Debit', 'Debit Amount', 'Withdrawal', 'Withdrawals', 'Money Out', 'Débit'], is: 'empty' },
      {
        column: ['Credit', 'Credit Amount', 'Deposit', 'Deposits', 'Lodgement', 'Lodgements', 'Money In', 'Crédit'],
        is: 'empty',
      },
    ],
  ),
});
