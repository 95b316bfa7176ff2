import { Controller, Get } from '@nestjs/common';
import { AdminApi } from '../../../kernel/access/access.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { OfQuery, sortedIds } from '../../../kernel/http/of-query.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { bookedAnswer, viewBooked } from './booked.answers.js';
import { bookedTransfers, waitingCaptures, type Booked } from './booked.store.js';

/** What of the books is about certain attempts, refunds and payouts. For operators. */
@AdminApi('ledger')
@Controller('admin/v1/ledger/booked')
export class BookedController {
  constructor(private readonly databases: Databases) {}

  @Get()
  @Described(
    'What was booked for attempts, refunds and payouts, oldest first.',
    'With what their captures wait for. Settlements and adjustments are booked by account, not by attempt.',
  )
  @Answers({ 200: { description: 'Transfers, and what waits to be settled', schema: bookedAnswer } })
  async read(@ValidQuery(OfQuery) query: OfQuery): Promise<ReturnType<typeof viewBooked>> {
    const { attempt, refund, payout } = sortedIds(query, ['attempt', 'refund', 'payout']);
    const of: Booked = { attempts: attempt, disbursements: [...refund, ...payout] };
    const db = this.databases.of('ledger');
    const [transfers, waiting] = await Promise.all([bookedTransfers(db, of), waitingCaptures(db, of)]);
    return viewBooked(transfers, waiting);
  }
}
