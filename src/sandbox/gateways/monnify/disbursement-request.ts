import type { Account } from '../../accounts.js';
import { minorFromMajor } from '../../money.js';
import type { NewMovement } from '../../movements.js';
import { text, type Answer, type JsonObject } from '../../wire.js';
import { refuse } from './answers.js';

const KOBO = 2;

/** Reads a transfer out of the merchant's wallet. */
export function readDisbursement(body: JsonObject, account: Account): NewMovement | Answer {
  const requestedMinor = minorFromMajor(body['amount'], KOBO);
  if (requestedMinor === undefined || requestedMinor <= 0) return refuse(400, 'Amount must be greater than zero');
  const reference = text(body, 'reference');
  if (reference === undefined) return refuse(400, 'Reference is required');
  const narration = text(body, 'narration');
  if (narration === undefined) return refuse(400, 'Narration is required');
  const bankCode = text(body, 'destinationBankCode');
  if (bankCode === undefined || !/^\d{3,6}$/.test(bankCode)) return refuse(400, 'Destination bank code is not valid');
  const accountNumber = text(body, 'destinationAccountNumber');
  if (accountNumber === undefined || !/^\d{10}$/.test(accountNumber)) {
    return refuse(400, 'Destination account number must have 10 digits');
  }
  // The documentation has `currency`; Monnify's own client library sends `currencyCode`.
  if ((text(body, 'currency') ?? text(body, 'currencyCode')) !== 'NGN') return refuse(400, 'Currency not supported');
  const sourceAccountNumber = text(body, 'sourceAccountNumber');
  if (!isWallet(account, sourceAccountNumber)) return refuse(404, 'Could not find the source wallet');
  return {
    account,
    kind: 'payout',
    reference,
    requestedMinor,
    currency: 'NGN',
    // The receiver is a bank account: its last digits are as magic as those of a phone.
    phone: accountNumber,
    // With two-factor authentication on, nothing moves before the merchant gives the code.
    start: account.credentials['otp'] === 'required' ? 'waiting' : 'sent',
    detail: {
      narration,
      bankCode,
      accountNumber,
      accountName: text(body, 'destinationAccountName') ?? 'SANDBOX RECEIVER',
      sourceAccountNumber,
      isAsync: body['async'] === true,
    },
  };
}

export function isWallet({ credentials }: Account, accountNumber: string | undefined): boolean {
  return accountNumber !== undefined && credentials['wallet_account_number'] === accountNumber;
}
