import { Module, type OnModuleInit } from '@nestjs/common';
import { bookCollections, holdFunds } from '../../contracts/consumers.js';
import { Databases } from '../../kernel/database/databases.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { AccountIds } from './accounts/account-ids.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { AccountsStore } from './accounts/accounts.store.js';
import { BalancesController } from './accounts/balances.controller.js';
import { BookCollections } from './bookings/book-collections.js';
import { HoldFunds } from './holds/hold-funds.js';
import { HoldsController } from './holds/holds.controller.js';
import { HoldsStore } from './holds/holds.store.js';
import { LedgerMetrics } from './ledger.metrics.js';
import { TrialBalanceController } from './statements/trial-balance.controller.js';
import { TrialBalanceStore } from './statements/trial-balance.store.js';

/** Double-entry books of everything that moves. */
@Module({
  controllers: [AccountsController, BalancesController, HoldsController, TrialBalanceController],
  providers: [AccountIds, AccountsStore, BookCollections, HoldFunds, HoldsStore, LedgerMetrics, TrialBalanceStore],
})
export class LedgerModule implements OnModuleInit {
  constructor(
    private readonly databases: Databases,
    private readonly consumers: ConsumerRegistry,
    private readonly collections: BookCollections,
    private readonly holds: HoldFunds,
  ) {}

  onModuleInit(): void {
    const database = this.databases.of('ledger');
    this.consumers.register(bookCollections, database, this.collections);
    this.consumers.register(holdFunds, database, this.holds);
  }
}
