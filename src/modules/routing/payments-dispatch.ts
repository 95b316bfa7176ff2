/** How payments are sent: see `Dispatch`. */
import type { Database } from '../../kernel/database/database.js';
import { claimToSend } from './attempt-claims.store.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { CONNECTIONS } from './gateways/http-client.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';
import { candidatesFor } from './plan-attempt.js';
import type { ToSend } from './record-outcome.js';
import type { Dispatch } from './send-attempts.js';

export interface PaymentsDispatchOptions {
  readonly database: Database;
  readonly accounts: GatewayAccounts;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  sendsSoon(accountId: string): boolean;
  onCharged(sent: ToSend, outcome: MoneyOutOutcome, seconds: number): void;
}

export function paymentsDispatch(options: PaymentsDispatchOptions): Dispatch {
  const { database, accounts, adapters } = options;
  const accountsFor = (merchantId: string, livemode: boolean) => accounts.usableFor(merchantId, livemode);
  return {
    name: 'routing.send_attempts',
    concurrency: CONNECTIONS.charge,
    claim: (claims, firstCheckAfterMs) => claimToSend(database, claims, firstCheckAfterMs),
    hasAlternative: ({ attempt, payment }) =>
      payment.kind === 'payment' &&
      candidatesFor({ adapters, accountsFor }, payment, [attempt]).some(({ id }) => options.sendsSoon(id)),
    holdsBack: () => Promise.resolve(false),
    onSending: () => undefined,
    onSent: (sent, outcome, seconds) => options.onCharged(sent, outcome, seconds),
    onLetGo: () => undefined,
  };
}
