/** For callers who wait (`Prefer: wait`): told at once by this process's own consumer, and by a poll of what other processes did. */
import { Injectable } from '@nestjs/common';
import { Databases } from '../../kernel/database/databases.js';
import { describeError } from '../../kernel/errors/describe.js';
import { Logger } from '../../kernel/observability/logger.js';
import { isSettled, type Payment } from './payment.js';
import { findPayments, findSettled } from './payments.store.js';

/** One query for all who wait; often enough that waiting in another process than the worker costs little. */
const POLL_MS = 40;
/** Payments that may be waited for at once in one process; beyond it callers are answered 202 at once. */
const MAX_WAITING = 5_000;

type Resolve = (payment: Payment | undefined) => void;

@Injectable()
export class PaymentOutcomes {
  private readonly waiting = new Map<string, Set<Resolve>>();
  private polling = false;
  private draining = false;

  constructor(
    private readonly databases: Databases,
    private readonly logger: Logger,
  ) {}

  /** The payment once it is settled, or undefined when `timeoutMs` have passed. */
  wait(paymentId: string, timeoutMs: number): Promise<Payment | undefined> {
    if (this.draining || this.waiting.size >= MAX_WAITING) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiters = this.waiting.get(paymentId) ?? new Set<Resolve>();
      const finish: Resolve = (payment) => {
        clearTimeout(timer);
        waiters.delete(finish);
        if (waiters.size === 0) this.waiting.delete(paymentId);
        resolve(payment);
      };
      const timer = setTimeout(finish, timeoutMs, undefined);
      waiters.add(finish);
      this.waiting.set(paymentId, waiters);
      if (!this.polling) void this.poll();
    });
  }

  /** Payments that a commit of this process has moved. */
  settled(payments: readonly Payment[]): void {
    for (const payment of payments) {
      if (isSettled(payment)) for (const finish of this.waiting.get(payment.id) ?? []) finish(payment);
    }
  }

  /** Answers everybody with what is known: the process is about to stop. */
  drain(): void {
    this.draining = true;
    for (const waiters of [...this.waiting.values()]) for (const finish of [...waiters]) finish(undefined);
  }

  private async poll(): Promise<void> {
    this.polling = true;
    const database = this.databases.of('payments');
    while (this.waiting.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      try {
        const ids = await findSettled(database, [...this.waiting.keys()]);
        if (ids.length > 0) this.settled([...(await findPayments(database, ids)).values()]);
      } catch (error) {
        this.logger.warn(
          { error: describeError(error) },
          'looking for the outcome of payments failed and will be tried again',
        );
      }
    }
    this.polling = false;
  }
}
