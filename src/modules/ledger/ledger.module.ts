import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { bookAdjustments, bookCollections, holdFunds, takeProofs, tellObligations } from '../../contracts/consumers.js';
import { Databases } from '../../kernel/database/databases.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { Logger } from '../../kernel/observability/logger.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { BackgroundTasks } from '../../kernel/queue/background-tasks.js';
import { AccountIds } from './accounts/account-ids.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { AccountsStore } from './accounts/accounts.store.js';
import { ClientAccounts } from './accounts/client-accounts.js';
import { AdminAccountsController } from './accounts/admin-accounts.controller.js';
import { BalancesController } from './accounts/balances.controller.js';
import { BookCollections } from './bookings/book-collections.js';
import { HoldFunds } from './holds/hold-funds.js';
import { HoldsController } from './holds/holds.controller.js';
import { HoldsStore } from './holds/holds.store.js';
import { KeyedAnswers } from './keyed-answers.js';
import { LedgerMetrics } from './ledger.metrics.js';
import { TellObligations } from './obligations/tell-obligations.js';
import { PoliciesController } from './settlement/policies.controller.js';
import { AdminReleasesController, ReleasesController } from './settlement/releases.controller.js';
import { ReleasesStore } from './settlement/releases.store.js';
import { ReleaseSettled } from './settlement/release-settled.js';
import { SettlementPolicies } from './settlement/policies.js';
import { TakeProofs } from './settlement/take-proofs.js';
import { AuditAccounts } from './proof/audit/audit-accounts.js';
import { ChainEntries } from './proof/chain/chain-entries.js';
import { assertSigningKey, loadSigningKey } from './proof/chain/signing-key.js';
import { ProofController } from './proof/proof.controller.js';
import { AdminStatementProofController } from './proof/statement/admin-statement-proof.controller.js';
import { StatementProofController, StatementProofs } from './proof/statement/statement-proof.controller.js';
import { AdminStatementsController } from './statements/admin-statements.controller.js';
import { RollUps } from './statements/roll-ups.js';
import { StatementsController } from './statements/statements.controller.js';
import { StatementsStore } from './statements/statements.store.js';
import { TrialBalanceController } from './statements/trial-balance.controller.js';
import { TrialBalanceStore } from './statements/trial-balance.store.js';
import { BookedController } from './transfers/booked.controller.js';
import { AdminTransfersController } from './transfers/admin-transfers.controller.js';
import { ClientTransfers } from './transfers/client-transfers.js';
import { ClientTransfersStore } from './transfers/client-transfers.store.js';
import { ExpirePending } from './transfers/expire-pending.js';
import { TransferBatchesController } from './transfers/transfer-batches.controller.js';
import { TransfersController } from './transfers/transfers.controller.js';

/** Double-entry books of everything that moves. */
@Module({
  controllers: [
    AccountsController,
    AdminAccountsController,
    AdminStatementProofController,
    AdminStatementsController,
    AdminTransfersController,
    BalancesController,
    BookedController,
    AdminReleasesController,
    HoldsController,
    PoliciesController,
    ReleasesController,
    ProofController,
    StatementProofController,
    StatementsController,
    TransferBatchesController,
    TransfersController,
    TrialBalanceController,
  ],
  providers: [
    AccountIds,
    AccountsStore,
    BookCollections,
    ClientAccounts,
    ClientTransfers,
    ClientTransfersStore,
    HoldFunds,
    HoldsStore,
    KeyedAnswers,
    LedgerMetrics,
    ReleasesStore,
    SettlementPolicies,
    StatementProofs,
    StatementsStore,
    TakeProofs,
    TellObligations,
    TrialBalanceStore,
  ],
})
export class LedgerModule implements OnModuleInit {
  constructor(
    private readonly databases: Databases,
    private readonly consumers: ConsumerRegistry,
    private readonly collections: BookCollections,
    private readonly holds: HoldFunds,
    private readonly accountIds: AccountIds,
    private readonly proofs: TakeProofs,
    private readonly obligations: TellObligations,
    private readonly metrics: LedgerMetrics,
    private readonly tasks: BackgroundTasks,
    private readonly logger: Logger,
    @Inject(ENV) private readonly env: Env,
  ) {}

  onModuleInit(): void {
    const { env, logger, metrics } = this;
    assertSigningKey(env);
    const database = this.databases.of('ledger');
    this.consumers.register(bookCollections, database, this.collections);
    this.consumers.register(bookAdjustments, database, this.collections);
    this.consumers.register(holdFunds, database, this.holds);
    this.consumers.register(takeProofs, database, this.proofs);
    this.consumers.register(tellObligations, database, this.obligations);
    this.tasks.register(new ReleaseSettled({ database, accountIds: this.accountIds, logger, metrics }));
    this.tasks.register(new ExpirePending(database, logger));
    this.tasks.register(new RollUps(database, logger));
    this.tasks.register(new ChainEntries({ database, key: () => loadSigningKey(env), logger, metrics }));
    this.tasks.register(
      new AuditAccounts({
        database,
        logger,
        metrics,
        freezes: env.ledgerAuditFreezes,
        entriesPerSecond: env.ledgerAuditEntriesPerSecond,
      }),
    );
  }
}
