import { Module, type OnModuleInit } from '@nestjs/common';
import { keepMovements, keepRecords } from '../../contracts/consumers.js';
import { Databases } from '../../kernel/database/databases.js';
import { Logger } from '../../kernel/observability/logger.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { BackgroundTasks } from '../../kernel/queue/background-tasks.js';
import { ForgetStaged } from './lines/forget-staged.js';
import { KeepMovements } from './records/keep-movements.js';
import { KeepRecords } from './records/keep-records.js';

/** What we believe, what gateways say, what the books hold: and where the three differ. */
@Module({ providers: [KeepMovements, KeepRecords] })
export class ReconciliationModule implements OnModuleInit {
  constructor(
    private readonly databases: Databases,
    private readonly consumers: ConsumerRegistry,
    private readonly tasks: BackgroundTasks,
    private readonly logger: Logger,
    private readonly records: KeepRecords,
    private readonly movements: KeepMovements,
  ) {}

  onModuleInit(): void {
    const database = this.databases.of('reconciliation');
    this.consumers.register(keepRecords, database, this.records);
    this.consumers.register(keepMovements, database, this.movements);
    this.tasks.register(new ForgetStaged(database, this.logger));
  }
}
