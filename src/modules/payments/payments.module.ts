import { Module, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { applyRouting } from '../../contracts/consumers.js';
import { Databases } from '../../kernel/database/databases.js';
import { Metrics } from '../../kernel/observability/metrics.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { AcceptPayment } from './accept-payment.js';
import { OnRoutingOutcome } from './on-routing-outcome.js';
import { PaymentOutcomes } from './payment-outcomes.js';
import { PaymentsController } from './payments.controller.js';
import { countOpen } from './payments.store.js';

@Module({ controllers: [PaymentsController], providers: [AcceptPayment, OnRoutingOutcome, PaymentOutcomes] })
export class PaymentsModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    private readonly registry: ConsumerRegistry,
    private readonly databases: Databases,
    private readonly onRoutingOutcome: OnRoutingOutcome,
    private readonly outcomes: PaymentOutcomes,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.registry.register(applyRouting, this.databases.of('payments'), this.onRoutingOutcome);
    this.metrics.gauge('sankofa_payments_open', 'Payments that are not final, by status', ['status'], async (gauge) => {
      gauge.set({ status: 'processing' }, 0);
      gauge.set({ status: 'requires_action' }, 0);
      for (const { status, count } of await countOpen(this.databases.of('payments'))) gauge.set({ status }, count);
    });
  }

  beforeApplicationShutdown(): void {
    this.outcomes.drain();
  }
}
