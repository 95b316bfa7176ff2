/** What Monnify is sent for a charge (PROVIDERS 4.3): a transaction, which is then paid by a card on its page or into an account. */
import { exponentOf, toDecimal } from '../../../../kernel/money/money.js';
import { jsonWithDecimals } from '../amounts.js';
import { emailOf } from '../customers.js';
import type { ChargeRequest, GatewayAccount } from '../gateway-adapter.js';
import { returnPage } from '../return-page.js';

export interface MonnifyRequest {
  readonly body: string;
  /** The customer pays into an account that still has to be asked for. */
  readonly intoAccount: boolean;
}

/** Undefined when Monnify cannot take this method. */
export function monnifyRequest(account: GatewayAccount, request: ChargeRequest): MonnifyRequest | undefined {
  const { method } = request;
  if (method.type === 'bank_transfer')
    return { body: transaction(account, request, 'ACCOUNT_TRANSFER'), intoAccount: true };
  // A saved card's token is another gateway's.
  if (method.type !== 'card' || method.token !== undefined) return undefined;
  return { body: transaction(account, request, 'CARD'), intoAccount: false };
}

function transaction(account: GatewayAccount, request: ChargeRequest, paymentMethod: string): string {
  return jsonWithDecimals(
    { amount: toDecimal(request.amountMinor, exponentOf(request.currency)) },
    {
      customerName: request.customer.name ?? 'Customer',
      customerEmail: emailOf(request),
      paymentReference: request.reference,
      paymentDescription: request.description ?? 'Payment',
      currencyCode: request.currency,
      contractCode: account.credentials['contract_code'] ?? '',
      redirectUrl: returnPage(account, request),
      paymentMethods: [paymentMethod],
    },
  );
}
