import { gatewayMappingSchema } from '../mapping.js';

export const mtnMomo = gatewayMappingSchema.parse({
  formatVersion: 1,
  id: 'mtn_momo',
  name: 'MTN MoMo: transaction history',
  description:
    'The transaction history report of the partner portal. Documented: that it shows the external id and the financial transaction id, major units, and the statuses. ' +
    'Defaults to be checked with the first file, which differs by country: all headers, the types, the time format, and UTC (Ghana and the west; set numbers and zone for others).',
  produces: 'gateway_lines',
  columns: {
    id: ['Financial Transaction Id', 'Transaction Id', 'Id'],
    reference: ['External Id', 'External Transaction Id', 'externalId'],
    description: ['Payer Message', 'To Message', 'Note', 'Message'],
  },
  handles: { reference_id: ['X-Reference-Id', 'Reference Id'] },
  // A reversal or a fee may stand under the id of what it belongs to.
  unique: 'id_and_kind',
  kind: {
    column: ['Type', 'Transaction Type'],
    values: {
      payment: 'charge',
      collection: 'charge',
      debit: 'charge',
      requesttopay: 'charge',
      'request to pay': 'charge',
      transfer: 'payout',
      disbursement: 'payout',
      deposit: 'payout',
      'transfer reversal': 'payout_return',
      refund: 'refund',
      fee: 'fee',
      withdrawal: 'settlement',
      'bank transfer': 'settlement',
    },
  },
  status: {
    column: ['Status', 'Transaction Status'],
    values: { successful: 'succeeded', pending: 'pending', failed: 'failed', cancelled: 'failed' },
  },
  amount: { from: 'column', column: ['Amount'] },
  fee: { column: ['Fee', 'Fees', 'Charge'] },
  currency: { column: ['Currency'], values: { FCFA: 'XOF' } },
  time: {
    columns: [['Date', 'Transaction Date', 'Finished Date', 'Date / Time']],
    formats: [
      'yyyy-MM-dd HH:mm:ss',
      'yyyy-MM-ddTHH:mm:ssXXX',
      'dd/MM/yyyy HH:mm:ss',
      'dd/MM/yyyy HH:mm',
      'dd-MMM-yyyy HH:mm:ss',
    ],
    zone: 'UTC',
  },
});
