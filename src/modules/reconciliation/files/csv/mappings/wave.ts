import { gatewayMappingSchema } from '../mapping.js';

export const wave = gatewayMappingSchema.parse({
  formatVersion: 1,
  id: 'wave',
  name: 'Wave Business: transactions',
  description:
    'The export of the transactions of a day or a period. Documented: the field names of the API, which the aliases include, its transaction types, amounts signed as seen from the merchant, francs without decimals. Only what has happened is listed, so every line has succeeded. ' +
    'Defaults to be checked with the first file: the headers of the portal. A type that is not listed here is refused rather than guessed.',
  produces: 'gateway_lines',
  columns: {
    id: ['transaction_id', 'Transaction ID'],
    reference: ['client_reference', 'Client Reference', 'Référence client'],
    description: ['payment_reason', 'Payment Reason', 'Motif'],
  },
  handles: { checkout_session_id: ['checkout_api_session_id', 'Checkout Session ID'] },
  unique: 'id_and_kind',
  kind: {
    column: ['transaction_type', 'Transaction Type', 'Type'],
    values: {
      merchant_payment: 'charge',
      api_checkout: 'charge',
      merchant_payment_refund: 'refund',
      api_checkout_refund: 'refund',
      api_payout: 'payout',
      bulk_payment: 'payout',
      api_payout_reversal: 'payout_return',
      merchant_sweep: 'settlement',
    },
  },
  status: { constant: 'succeeded' },
  numbers: { thousands: ['comma', 'space'], symbols: ['F CFA', 'FCFA', 'CFA'] },
  amount: { from: 'column', column: ['Amount', 'Montant'], sign: 'signed' },
  // Given back with a reversed payout.
  fee: { column: ['Fee', 'Frais'], sign: 'signed' },
  currency: { column: ['Currency', 'Devise'] },
  time: {
    columns: [['timestamp', 'Time', 'Date']],
    formats: ['yyyy-MM-ddTHH:mm:ss.SSSXXX', 'yyyy-MM-ddTHH:mm:ssXXX', 'yyyy-MM-dd HH:mm:ss'],
    zone: 'Africa/Dakar',
  },
});
