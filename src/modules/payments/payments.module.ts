import { Module, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { applyDisbursements, applyHolds, applyRouting, carryOutPayments } from '../../contracts/consumers.js';
import { Admission } from '../../kernel/admission/admission.js';
import { approvedWork } from '../../kernel/approvals/approval-action.js';
import { CarryOutApproved } from '../../kernel/approvals/carry-out.js';
import { Databases } from '../../kernel/database/databases.js';
import { Logger } from '../../kernel/observability/logger.js';
import { Metrics } from '../../kernel/observability/metrics.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
import { AcceptPayment } from './accept-payment.js';
import { AdminDisbursementsController } from './admin/admin-disbursements.controller.js';
import { AdminPaymentsController } from './admin/admin-payments.controller.js';
import { AnswerOnce } from './answer-once.js';
import { FeeSchedulesController } from './fees/fee-schedules.controller.js';
import { FeeSchedules } from './fees/fee-schedules.js';
import { MoveDisbursements } from './move-disbursements.js';
import { OnDisbursement } from './on-disbursement.js';
import { OnHold } from './on-hold.js';
import { OnRoutingOutcome } from './on-routing-outcome.js';
import { PaymentOutcomes } from './payment-outcomes.js';
import { PaymentsController } from './payments.controller.js';
import { countOpen, countOpenDisbursements, headOfLine } from './payments.store.js';
import { CreatePayoutBatch } from './payouts/create-payout-batch.js';
import { CreatePayout } from './payouts/create-payout.js';
import { MovePayouts } from './payouts/move-payouts.js';
import { PayoutBatchesController } from './payouts/payout-batches.controller.js';
import { PayoutOutcomes } from './payouts/payout-outcomes.js';
import { PayoutsController } from './payouts/payouts.controller.js';
import { CreateRefund } from './refunds/create-refund.js';
import { MoveRefunds } from './refunds/move-refunds.js';
import { OPERATOR_REFUND, OperatorRefund } from './refunds/operator-refund.js';
import { RefundOutcomes } from './refunds/refund-outcomes.js';
import { RefundSurplus } from './refunds/refund-surplus.js';
import { RefundsController } from './refunds/refunds.controller.js';
import { LOOKS_BACK_MS, RoutingBacklog } from './routing-backlog.js';

const LOOK_EVERY_MS = 500;
/** So late may a fee schedule be in force elsewhere than where it was made. */
const READ_FEES_EVERY_MS = 1_000;

@Module({
  controllers: [
    FeeSchedulesController,
    PaymentsController,
    RefundsController,
    PayoutsController,
    PayoutBatchesController,
    AdminPaymentsController,
    AdminDisbursementsController,
  ],
  providers: [
    AnswerOnce,
    AcceptPayment,
    FeeSchedules,
    OnRoutingOutcome,
    PaymentOutcomes,
    RoutingBacklog,
    CreateRefund,
    OperatorRefund,
    RefundSurplus,
    RefundOutcomes,
    MoveRefunds,
    CreatePayout,
    CreatePayoutBatch,
    PayoutOutcomes,
    MovePayouts,
    MoveDisbursements,
    OnHold,
    OnDisbursement,
  ],
})
export class PaymentsModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly look: IntervalTask;
  private readonly readFees: IntervalTask;

  constructor(
    private readonly registry: ConsumerRegistry,
    private readonly databases: Databases,
    private readonly onRoutingOutcome: OnRoutingOutcome,
    private readonly onHold: OnHold,
    private readonly onDisbursement: OnDisbursement,
    private readonly paymentOutcomes: PaymentOutcomes,
    private readonly refundOutcomes: RefundOutcomes,
    private readonly payoutOutcomes: PayoutOutcomes,
    private readonly metrics: Metrics,
    private readonly admission: Admission,
    private readonly backlog: RoutingBacklog,
    private readonly operatorRefund: OperatorRefund,
    fees: FeeSchedules,
    logger: Logger,
  ) {
    this.readFees = new IntervalTask({
      name: 'payments.fee_schedules',
      everyMs: READ_FEES_EVERY_MS,
      logger,
      run: () => fees.refresh(),
    });
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
    const database = this.databases.of('payments');
    this.registry.register(applyRouting, database, this.onRoutingOutcome);
    this.registry.register(applyHolds, database, this.onHold);
    const works = [
      approvedWork(OPERATOR_REFUND, async (tx, payload, grant) => {
        await this.operatorRefund.carryOut(tx, payload, grant);
        return undefined;
      }),
    ];
    this.registry.register(carryOutPayments, database, new CarryOutApproved(works));
    this.registry.register(applyDisbursements, database, this.onDisbursement);
    this.metrics.gauge('sankofa_payments_open', 'Payments that are not final, by status', ['status'], async (gauge) => {
      gauge.set({ status: 'processing' }, 0);
      gauge.set({ status: 'requires_action' }, 0);
      for (const { status, count } of await countOpen(database)) gauge.set({ status }, count);
    });
    this.metrics.gauge(
      'sankofa_disbursements_open',
      'Refunds and payouts that are not final',
      ['kind'],
      async (gauge) => {
        for (const { kind, count } of await countOpenDisbursements(database)) gauge.set({ kind }, count);
      },
    );
  }

  /** Also where no queue is drained: whoever accepts must know. */
  onApplicationBootstrap(): void {
    this.admission.onPressure(this.backlog);
    this.look.start();
    this.readFees.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const outcomes of [this.paymentOutcomes, this.refundOutcomes, this.payoutOutcomes]) outcomes.drain();
    await Promise.all([this.look.stop(), this.readFees.stop()]);
  }
}
