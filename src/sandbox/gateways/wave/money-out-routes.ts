import type { Route } from '../../gateway.js';
import type { PayoutOffice } from './money-out.js';
import { createBatch, readOneBatch } from './payout-batch.js';
import { createPayout, readBalance, readOnePayout, reversePayout, searchPayouts } from './payouts.js';
import { refundSession, refundTransaction } from './refunds.js';
import { readStatement } from './statement.js';

/** What leads money out of a wallet, and what shows its books. */
export function moneyOutRoutes(office: PayoutOffice): Route[] {
  return [
    {
      method: 'POST',
      path: /^\/v1\/checkout\/sessions\/([^/]+)\/refund$/,
      operation: 'refund',
      handle: (call) => refundSession(office, call),
    },
    {
      method: 'POST',
      path: /^\/v1\/transactions\/([^/]+)\/refund$/,
      operation: 'refund',
      handle: (call) => refundTransaction(office, call),
    },
    { method: 'POST', path: /^\/v1\/payout$/, operation: 'payout', handle: (call) => createPayout(office, call) },
    { method: 'POST', path: /^\/v1\/payout-batch$/, operation: 'payout', handle: (call) => createBatch(office, call) },
    {
      method: 'GET',
      path: /^\/v1\/payout-batch\/([^/]+)$/,
      operation: 'verify',
      handle: (call) => readOneBatch(office, call),
    },
    {
      method: 'GET',
      path: /^\/v1\/payouts\/search$/,
      operation: 'verify',
      handle: (call) => searchPayouts(office, call),
    },
    {
      method: 'GET',
      path: /^\/v1\/payout\/([^/]+)$/,
      operation: 'verify',
      handle: (call) => readOnePayout(office, call),
    },
    {
      method: 'POST',
      path: /^\/v1\/payout\/([^/]+)\/reverse$/,
      operation: 'other',
      handle: (call) => reversePayout(office, call),
    },
    { method: 'GET', path: /^\/v1\/balance$/, operation: 'other', handle: (call) => readBalance(office, call) },
    { method: 'GET', path: /^\/v1\/transactions$/, operation: 'list', handle: (call) => readStatement(office, call) },
  ];
}
