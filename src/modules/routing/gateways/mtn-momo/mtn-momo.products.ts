/** What differs between MTN MoMo's products and environments (PROVIDERS 3.2, 3.8), and what their requests have in common. */
import type { Currency } from '../../../../kernel/money/money.js';
import type { GatewayAccount } from '../gateway-adapter.js';

/** Money comes in through one product and goes out through the other, refunds too; each has keys, tokens and a balance of its own. */
export type MtnProduct = 'collection' | 'disbursement';

export interface MtnCredentials {
  readonly user: string;
  readonly key: string;
  readonly subscription: string;
}

/** What each product's credentials are called in an account. */
export const credentialNames: Readonly<Record<MtnProduct, MtnCredentials>> = {
  collection: { user: 'api_user', key: 'api_key', subscription: 'subscription_key' },
  disbursement: {
    user: 'disbursement_api_user',
    key: 'disbursement_api_key',
    subscription: 'disbursement_subscription_key',
  },
};

/** Credentials that giving money back and paying out need besides those of collecting. */
export const DISBURSEMENT_CREDENTIALS: readonly string[] = Object.values(credentialNames.disbursement);

export function credentialsFor(account: GatewayAccount, product: MtnProduct): MtnCredentials {
  const { user, key, subscription } = credentialNames[product];
  const named = (name: string): string => account.credentials[name] ?? '';
  return { user: named(user), key: named(key), subscription: named(subscription) };
}

/** Collecting accounts are checked when they are loaded; what money out needs besides is optional there. */
export function canDisburse(account: GatewayAccount): boolean {
  return DISBURSEMENT_CREDENTIALS.every((name) => (account.credentials[name] ?? '') !== '');
}

/** The one currency of each target environment in our markets: a wallet in Ghana takes no francs. */
const currencyOfEnvironment: ReadonlyMap<string, Currency> = new Map<string, Currency>([
  ['mtnghana', 'GHS'],
  ['mtnivorycoast', 'XOF'],
  ['mtnbenin', 'XOF'],
  ['mtncameroon', 'XAF'],
  ['mtncongo', 'XAF'],
  ['mtnguineaconakry', 'GNF'],
]);

/** False where the account's market has another currency; MTN itself is asked about environments that we do not know. */
export function takesCurrency(account: GatewayAccount, currency: Currency): boolean {
  const taken = currencyOfEnvironment.get(account.credentials['target_environment'] ?? '');
  return taken === undefined || taken === currency;
}

/** MTN shows messages on a handset and cuts or refuses longer ones. */
const MAX_MESSAGE_LENGTH = 160;

export function messageFor(description: string | null, otherwise: string): string {
  return (description ?? otherwise).slice(0, MAX_MESSAGE_LENGTH);
}

/**
 * What is put before a refund's reference in `externalId`. Callbacks of refunds and transfers have one shape, so this is what tells them
 * apart; with it the whole is still no longer than a dashed UUID.
 */
const REFUND_MARK = 'rf-';

export function externalIdOfRefund(reference: string): string {
  return `${REFUND_MARK}${reference}`;
}

export function isExternalIdOfRefund(externalId: string): boolean {
  return externalId.startsWith(REFUND_MARK);
}

/** Our reference in an `externalId`, of a refund or of anything else. */
export function referenceOfExternalId(externalId: string): string {
  return isExternalIdOfRefund(externalId) ? externalId.slice(REFUND_MARK.length) : externalId;
}
