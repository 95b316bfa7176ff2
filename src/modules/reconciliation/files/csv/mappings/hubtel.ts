import { gatewayMappingSchema } from '../mapping.js';

export const hubtel = gatewayMappingSchema.parse({
  formatVersion: 1,
  id: 'hubtel',
  name: 'Hubtel: transactions',
  description:
    'The statement of the merchant portal. Documented: the field names of the API, which the aliases include, cedis in major units with two decimals, the statuses Paid, Unpaid and Refunded, and that charges may be deducted. ' +
    'Defaults to be checked with the first file: the headers of the portal, the time formats, and Ghanaian time.',
  produces: 'gateway_lines',
  columns: {
    id: ['TransactionId', 'Transaction ID', 'Hubtel Transaction ID'],
    reference: ['ClientReference', 'Client Reference'],
    description: ['Description'],
  },
  handles: {
    external_transaction_id: ['ExternalTransactionId', 'External Transaction ID', 'Network Transaction ID'],
    order_id: ['OrderId', 'Order ID'],
  },
  kind: { constant: 'charge' },
  status: {
    column: ['Status', 'Transaction Status'],
    values: {
      paid: 'succeeded',
      success: 'succeeded',
      successful: 'succeeded',
      // Covers both what is still to come and what has failed.
      unpaid: 'pending',
      pending: 'pending',
      failed: 'failed',
      refunded: 'reversed',
    },
  },
  numbers: { symbols: ['GH₵', 'GHC', '₵'] },
  amount: { from: 'column', column: ['Amount', 'Transaction Amount'] },
  fee: { column: ['Charges', 'Fee', 'Fees'] },
  net: { column: ['AmountAfterCharges', 'Amount After Charges', 'Amount After Fees'], sign: 'signed' },
  currency: { constant: 'GHS' },
  time: {
    columns: [['PaymentDate', 'Payment Date', 'Transaction Date', 'Date']],
    formats: [
      'yyyy-MM-ddTHH:mm:ss.SSSXXX',
      'yyyy-MM-ddTHH:mm:ssXXX',
      'yyyy-MM-ddTHH:mm:ss',
      'yyyy-MM-dd HH:mm:ss',
      'dd/MM/yyyy HH:mm:ss',
      'dd/MM/yyyy h:mm:ss a',
    ],
    zone: 'Africa/Accra',
  },
});
