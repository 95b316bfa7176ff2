import { gatewayMappingSchema } from '../mapping.js';

export const paystack = gatewayMappingSchema.parse({
  formatVersion: 1,
  id: 'paystack',
  name: 'Paystack: transactions',
  description:
    'The export of the transactions page, or of /transaction/export. Documented: the statuses, that references are unique, and the field names of the API, which the aliases include. ' +
    'Defaults to be checked with the first file: the headers of the dashboard, amounts in major units (the API has hundredths, also for francs: then set numbers.unit to hundredths), and UTC for times without an offset.',
  produces: 'gateway_lines',
  columns: {
    id: ['Id', 'Transaction ID'],
    reference: ['Reference', 'Transaction Reference'],
    settlementId: ['Settlement ID', 'Settlement'],
    description: ['Message', 'Gateway response'],
  },
  optional: 'id',
  handles: { channel: ['Channel'] },
  unique: 'reference',
  kind: { constant: 'charge' },
  status: {
    column: ['Status', 'Transaction Status'],
    values: {
      success: 'succeeded',
      successful: 'succeeded',
      failed: 'failed',
      reversed: 'reversed',
      pending: 'pending',
      processing: 'pending',
      ongoing: 'pending',
      queued: 'pending',
      // It can still succeed, so it is no failure.
      abandoned: 'pending',
    },
  },
  amount: { from: 'column', column: ['Amount', 'Amount Paid', 'Transaction Amount'] },
  fee: { column: ['Fees', 'Paystack Fees', 'Transaction Fees'] },
  net: { column: ['Amount Settled', 'Net Amount', 'Settlement Amount'], sign: 'signed' },
  currency: { column: ['Currency'] },
  time: {
    columns: [['Paid at', 'paidAt', 'Transaction Date', 'Created at', 'createdAt', 'Date']],
    formats: [
      'yyyy-MM-ddTHH:mm:ss.SSSXXX',
      'yyyy-MM-ddTHH:mm:ssXXX',
      'yyyy-MM-dd HH:mm:ss',
      'MMM d, yyyy h:mm:ss a',
      'MMM d, yyyy h:mm a',
    ],
    zone: 'UTC',
  },
});
