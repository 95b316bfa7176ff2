/** The kernel plus the chosen modules, and the back-office where HTTP is answered; nothing else. */
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import type { Env, ModuleName } from './config/env.js';
import { BackofficeModule } from './backoffice/backoffice.module.js';
import { CONSUMERS, projectCredentials } from './contracts/consumers.js';
import type { DatabaseHome } from './kernel/database/homes.js';
import { KernelModule } from './kernel/kernel.module.js';
import { AuthModule } from './modules/auth/auth.module.js';
import { LedgerModule } from './modules/ledger/ledger.module.js';
import { NotificationModule } from './modules/notification/notification.module.js';
import { PaymentsModule } from './modules/payments/payments.module.js';
import { ReconciliationModule } from './modules/reconciliation/reconciliation.module.js';
import { RoutingModule } from './modules/routing/routing.module.js';

export const FEATURE_MODULES: Readonly<Record<ModuleName, Type>> = {
  payments: PaymentsModule,
  routing: RoutingModule,
  ledger: LedgerModule,
  notification: NotificationModule,
  reconciliation: ReconciliationModule,
  auth: AuthModule,
};

@Module({})
export class AppModule {
  static forRoot(env: Env, giveUp: (reason: string) => void, homes: readonly DatabaseHome[]): DynamicModule {
    const features = env.modules.map((name) => FEATURE_MODULES[name]);
    const hosted = CONSUMERS.filter((consumer) => env.modules.some((name) => name === consumer.module));
    return {
      module: AppModule,
      imports: [
        KernelModule.forRoot({ env, homes, consumers: CONSUMERS, accessConsumer: projectCredentials, hosted, giveUp }),
        ...features,
        ...(env.role === 'worker' ? [] : [BackofficeModule]),
      ],
    };
  }
}
