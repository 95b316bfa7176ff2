import type { Route } from '../../gateway.js';
import {
  disburse,
  listDisbursements,
  resendOtp,
  summary,
  validateOtp,
  walletBalance,
  type DisbursementOffice,
} from './disbursements.js';
import { searchTransactions } from './list.js';
import { initiateRefund, listRefunds, readOneRefund, type RefundOffice } from './refunds.js';

/** What leads money out, and what shows the books. */
export function moneyOutRoutes(office: RefundOffice & DisbursementOffice): Route[] {
  return [
    {
      method: 'POST',
      path: /^\/api\/v1\/refunds\/initiate-refund\/?$/,
      operation: 'refund',
      handle: (call) => initiateRefund(office, call),
    },
    { method: 'GET', path: /^\/api\/v1\/refunds\/?$/, operation: 'list', handle: (call) => listRefunds(office, call) },
    {
      method: 'GET',
      path: /^\/api\/v1\/refunds\/([^/]+)$/,
      operation: 'verify',
      handle: (call) => readOneRefund(office, call),
    },
    {
      method: 'POST',
      path: /^\/api\/v2\/disbursements\/single\/?$/,
      operation: 'payout',
      handle: (call) => disburse(office, call),
    },
    {
      method: 'POST',
      path: /^\/api\/v2\/disbursements\/single\/validate-otp\/?$/,
      operation: 'other',
      handle: (call) => validateOtp(office, call),
    },
    {
      method: 'POST',
      path: /^\/api\/v2\/disbursements\/single\/resend-otp\/?$/,
      operation: 'other',
      handle: (call) => resendOtp(office, call),
    },
    {
      method: 'GET',
      path: /^\/api\/v2\/disbursements\/single\/summary\/?$/,
      operation: 'verify',
      handle: (call) => summary(office, call),
    },
    {
      method: 'GET',
      path: /^\/api\/v2\/disbursements\/single\/transactions\/?$/,
      operation: 'list',
      handle: (call) => listDisbursements(office, call),
    },
    {
      method: 'GET',
      path: /^\/api\/v2\/disbursements\/wallet-balance\/?$/,
      operation: 'other',
      handle: (call) => walletBalance(office, call),
    },
    {
      method: 'GET',
      path: /^\/api\/v1\/transactions\/search\/?$/,
      operation: 'list',
      handle: (call) => searchTransactions(office, call),
    },
  ];
}
