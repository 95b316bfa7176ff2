import { csvMappingSchema, type BankMapping, type GatewayMapping } from '../csv/mapping.js';

const gateway = {
  formatVersion: 1,
  id: 'plain',
  name: 'Plain',
  produces: 'gateway_lines',
  columns: { id: ['Id'], reference: ['Reference'], settlementId: ['Settlement'], description: ['Note'] },
  handles: { session: ['Session'] },
  kind: { column: ['Kind'], values: { charge: 'charge', refund: 'refund', payout: 'payout', skipped: 'ignore' } },
  status: { column: ['Status'], values: { ok: 'succeeded', no: 'failed', draft: 'ignore' } },
  amount: { from: 'column', column: ['Amount'] },
  fee: { column: ['Fee'] },
  net: { column: ['Net'], sign: 'signed' },
  currency: { column: ['Currency'] },
  time: { columns: [['Time']], formats: ['yyyy-MM-dd HH:mm:ss'], zone: 'UTC' },
};

/** A mapping with every kind of column, changed as a test needs it. */
export function gatewayMapping(changes: object = {}): GatewayMapping {
  return csvMappingSchema.parse({ ...gateway, ...changes }) as GatewayMapping;
}

const bank = {
  formatVersion: 1,
  id: 'plain_bank',
  name: 'Plain bank',
  produces: 'bank_lines',
  columns: { description: ['Text'] },
  references: { bank_reference: ['Ref'] },
  amount: { from: 'debit_credit', debit: ['Debit'], credit: ['Credit'] },
  currency: { constant: 'GHS' },
  bookedOn: { column: ['Date'], formats: ['dd/MM/yyyy'] },
  valueOn: { column: ['Value'], formats: ['dd/MM/yyyy'] },
  balance: { column: ['Balance'], order: 'oldest_first' },
};

export function bankMapping(changes: object = {}): BankMapping {
  return csvMappingSchema.parse({ ...bank, ...changes }) as BankMapping;
}

export const HEADER = 'Id,Reference,Kind,Status,Amount,Fee,Net,Currency,Time,Settlement,Session,Note';

/** A row under HEADER, changed where a test needs it. */
export function row(changes: Partial<Record<string, string>> = {}): string {
  const values: Record<string, string> = {
    Id: 'T1',
    Reference: 'order-1',
    Kind: 'charge',
    Status: 'ok',
    Amount: '1500.00',
    Fee: '22.50',
    Net: '1477.50',
    Currency: 'NGN',
    Time: '2026-01-31 10:00:00',
    Settlement: 'S1',
    Session: 'cs-1',
    Note: 'shoes',
    ...changes,
  };
  return HEADER.split(',')
    .map((name) => values[name] ?? '')
    .join(',');
}

export function file(...rows: readonly string[]): string {
  return [HEADER, ...rows].map((line) => `${line}\n`).join('');
}
