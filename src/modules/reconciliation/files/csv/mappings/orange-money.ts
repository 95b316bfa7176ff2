import { gatewayMappingSchema } from '../mapping.js';

export const orangeMoney = gatewayMappingSchema.parse({
  formatVersion: 1,
  id: 'orange_money',
  name: 'Orange Money: transactions',
  description:
    'The statement of the merchant portal. Documented, at second hand: the names order_id and txnid, the statuses, and that francs have no decimals. ' +
    'Defaults to be checked with the first file, which differs by country: all headers, that every line is a payment, XOF (set the constant to XAF or GNF elsewhere), the date formats and the zone.',
  produces: 'gateway_lines',
  columns: {
    id: ['txnid', 'Transaction ID', 'ID Transaction', 'N° Transaction'],
    reference: ['order_id', 'Order ID', 'Référence commande', 'Référence'],
    description: ['Libellé', 'Description'],
  },
  handles: { pay_token: ['pay_token', 'Pay Token'] },
  kind: { constant: 'charge' },
  status: {
    column: ['Status', 'Statut', 'État'],
    values: {
      success: 'succeeded',
      succès: 'succeeded',
      réussi: 'succeeded',
      failed: 'failed',
      échec: 'failed',
      échoué: 'failed',
      expired: 'failed',
      expiré: 'failed',
      initiated: 'pending',
      pending: 'pending',
      'en attente': 'pending',
    },
  },
  numbers: { decimal: 'comma', thousands: ['space', 'point'], symbols: ['F CFA', 'FCFA', 'CFA'] },
  amount: { from: 'column', column: ['Amount', 'Montant'] },
  fee: { column: ['Fee', 'Frais', 'Commission'] },
  currency: { constant: 'XOF' },
  time: {
    columns: [['Date', 'Date et heure', 'Date transaction', 'created_at']],
    formats: ['dd/MM/yyyy HH:mm:ss', 'dd/MM/yyyy HH:mm', 'yyyy-MM-dd HH:mm:ss', 'yyyy-MM-ddTHH:mm:ssXXX'],
    zone: 'Africa/Abidjan',
  },
});
