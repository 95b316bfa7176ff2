import { Module, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { applyRouting } from '../../contracts/consumers.js';
import { Admission } from '../../kernel/admission/admission.js';
import { Databases } from '../../kernel/database/databases.js';
import { Logger } from '../../kernel/observability/logger.js';
import { Metrics } from '../../kernel/observability/metrics.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
import { AcceptPayment } from './accept-payment.js';
import { AnswerOnce } from './answer-once.js';
import { OnRoutingOutcome } from './on-routing-outcome.js';
import { PaymentOutcomes } from './payment-outcomes.js';
import { PaymentsController } from './payments.controller.js';
import { countOpen, headOfLine } from './payments.store.js';
import { LOOKS_BACK_MS, RoutingBacklog } from './routing-backlog.js';

const LOOK_EVERY_MS = 500;

@Module({
  controllers: [PaymentsController],
  providers: [AnswerOnce, AcceptPayment, OnRoutingOutcome, PaymentOutcomes, RoutingBacklog],
})
export class PaymentsModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly look: IntervalTask;

  constructor(
    private readonly registry: ConsumerRegistry,
    private readonly databases: Databases,
    private readonly onRoutingOutcome: OnRoutingOutcome,
    private readonly outcomes: PaymentOutcomes,
    private readonly metrics: Metrics,
    private readonly admission: Admission,
    private readonly backlog: RoutingBacklog,
    logger: Logger,
  ) {
    this.look = new IntervalTask({
      name: 'payments.routing_backlog',
      everyMs: LOOK_EVERY_MS,
      logger,
      run: async () => {
        const head = await headOfLine(databases.of('payments'), LOOKS_BACK_MS);
        backlog.observe(head, Date.now());
      },
    });
  }

  onModuleInit(): void {
    this.registry.register(applyRouting, this.databases.of('payments'), this.onRoutingOutcome);
    this.metrics.gauge('sankofa_payments_open', 'Payments that are not final, by status', ['status'], async (gauge) => {
      gauge.set({ status: 'processing' }, 0);
      gauge.set({ status: 'requires_action' }, 0);
      for (const { status, count } of await countOpen(this.databases.of('payments'))) gauge.set({ status }, count);
    });
  }

  /** Also where no queue is drained: whoever accepts must know. */
  onApplicationBootstrap(): void {
    this.admission.onPressure(this.backlog);
    this.look.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.outcomes.drain();
    await this.look.stop();
  }
}
