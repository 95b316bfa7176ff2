import type { PaymentMethod } from '../../../contracts/shared.js';
import type { Currency } from '../../../kernel/money/money.js';
import type { GatewayCapabilities } from './gateway-adapter.js';

/** Whether a gateway can take this method in this currency at all. Adapters refuse the rest as `not_sent` themselves. */
export function supports(capabilities: GatewayCapabilities, currency: Currency, method: PaymentMethod): boolean {
  if (capabilities.methodCurrencies[method.type]?.includes(currency) !== true) return false;
  return method.type !== 'mobile_money' || capabilities.networks[currency]?.includes(method.network) === true;
}
