import type { Database } from '../database/database.js';
import type { Tx } from '../database/tx.js';
import type { StoredEvent } from './event.js';

/**
 * Somebody who listens: a name, and the event types it wants. All of them stand in src/contracts/consumers.ts, so that
 * any process's relay knows every consumer, also those that live in another process.
 */
export interface ConsumerDefinition {
  /** `<module>.<what it does>`, for example `ledger.book_collections`. Also the name of its queue. */
  readonly name: string;
  /** The module that hosts it (`access` belongs to the kernel and runs in every worker). */
  readonly module: string;
  readonly types: readonly string[];
}

/**
 * Handles a batch of events inside the given transaction, in which their inbox rows have already been written. Set-based:
 * one statement per kind of effect, not per event. Throwing rolls everything back; the batch is then split until the
 * event that cannot be handled stands alone. No network calls in here: use `tx.afterCommit` to set such work going.
 */
export interface EventHandler {
  /** Awaited before a batch is begun, outside any transaction: who has enough to do takes their time, and the line stays in the outbox. */
  ready?(): Promise<void>;
  /**
   * Each event has a transaction of its own: for effects that lock what they come upon, in no order that could be kept, so that two batches
   * would wait for each other.
   */
  readonly isOneByOne?: boolean;
  handle(tx: Tx, events: readonly StoredEvent[]): Promise<void>;
}

export interface ConsumerRegistration {
  readonly definition: ConsumerDefinition;
  /** The database (and role) whose transaction the handler runs in. */
  readonly database: Database;
  readonly handler: EventHandler;
}

/** Where modules announce their handlers at boot (`onModuleInit`); the workers start afterwards. */
export class ConsumerRegistry {
  private readonly registrations = new Map<string, ConsumerRegistration>();

  register(definition: ConsumerDefinition, database: Database, handler: EventHandler): void {
    if (this.registrations.has(definition.name)) throw new Error(`Consumer ${definition.name} is registered twice`);
    this.registrations.set(definition.name, { definition, database, handler });
  }

  all(): readonly ConsumerRegistration[] {
    return [...this.registrations.values()];
  }
}
