import { gatewayMappingSchema } from '../mapping.js';

export const flutterwave = gatewayMappingSchema.parse({
  formatVersion: 1,
  id: 'flutterwave',
  name: 'Flutterwave: transactions',
  description:
    'The export of the transactions page. Documented: the field names of the API, which the aliases include, the statuses, major units, fees with three decimals, and that tx_ref is not unique while the id is. ' +
    'Defaults to be checked with the first file: the headers of the dashboard, and UTC for times without an offset.',
  produces: 'gateway_lines',
  columns: {
    id: ['id', 'Transaction ID'],
    reference: ['tx_ref', 'Transaction Reference', 'Reference', 'Merchant Reference'],
    settlementId: ['Settlement ID', 'settlement_id'],
    description: ['Narration', 'processor_response'],
  },
  handles: {
    flw_ref: ['flw_ref', 'Flutterwave Reference', 'FLW Reference'],
    payment_type: ['payment_type', 'Payment Type'],
  },
  kind: { constant: 'charge' },
  status: {
    column: ['Status'],
    values: { successful: 'succeeded', failed: 'failed', pending: 'pending' },
  },
  amount: { from: 'column', column: ['Amount'] },
  // 26.875 naira occur.
  fee: { column: ['app_fee', 'App Fee', 'Flutterwave Fee', 'Fee'], extraDecimals: 'round' },
  net: { column: ['amount_settled', 'Amount Settled', 'Settlement Amount'], sign: 'signed', extraDecimals: 'round' },
  currency: { column: ['Currency'] },
  time: {
    columns: [['created_at', 'createdAt', 'Transaction Date', 'Date']],
    formats: ['yyyy-MM-ddTHH:mm:ss.SSSXXX', 'yyyy-MM-ddTHH:mm:ssXXX', 'yyyy-MM-dd HH:mm:ss'],
    zone: 'UTC',
  },
});
