import { gatewayMappingSchema } from '../mapping.js';

export const monnify = gatewayMappingSchema.parse({
  formatVersion: 1,
  id: 'monnify',
  name: 'Monnify: transactions',
  description:
    'The export of the transactions or settlements page. Documented: the field names of the API, which the aliases include, naira in major units, and the statuses. ' +
    'Defaults to be checked with the first file: the headers of the dashboard, the time formats, and Nigerian time where a text names no offset.',
  produces: 'gateway_lines',
  columns: {
    id: ['transactionReference', 'Transaction Reference'],
    reference: ['paymentReference', 'Payment Reference'],
    settlementId: ['settlementReference', 'Settlement Reference'],
    description: ['paymentDescription', 'Payment Description', 'Description'],
  },
  handles: { payment_method: ['paymentMethod', 'Payment Method'] },
  kind: { constant: 'charge' },
  status: {
    column: ['paymentStatus', 'Payment Status', 'Status'],
    values: {
      paid: 'succeeded',
      // Money has come, though not what was asked: the comparison of amounts shows it.
      overpaid: 'succeeded',
      partially_paid: 'succeeded',
      underpaid: 'succeeded',
      pending: 'pending',
      abandoned: 'failed',
      cancelled: 'failed',
      failed: 'failed',
      expired: 'failed',
      reversed: 'reversed',
      refunded: 'reversed',
    },
  },
  amount: { from: 'column', column: ['amountPaid', 'Amount Paid', 'Amount'] },
  fee: { column: ['Fee', 'Transaction Fee', 'Charges'] },
  net: { column: ['settlementAmount', 'Settlement Amount', 'Amount Settled'], sign: 'signed' },
  currency: { constant: 'NGN' },
  time: {
    columns: [['paidOn', 'Paid On', 'Completed On', 'Transaction Date', 'Date']],
    formats: [
      'yyyy-MM-ddTHH:mm:ss.SSSXXX',
      'yyyy-MM-ddTHH:mm:ssXXX',
      'yyyy-MM-dd HH:mm:ss.SSS',
      'yyyy-MM-dd HH:mm:ss',
      'dd/MM/yyyy h:mm:ss a',
      'dd/MM/yyyy HH:mm:ss',
    ],
    zone: 'Africa/Lagos',
  },
});
