/** The two consumers on a real database: events in any order, in any batches, and more than once. */
import fc from 'fast-check';
import { transfersPosted } from '../../../src/contracts/ledger.events.js';
import {
  attemptUpdated,
  disbursementDuplicated,
  disbursementRecovered,
  disbursementReturned,
  disbursementSucceeded,
  paymentRouted,
} from '../../../src/contracts/routing.events.js';
import type { AttemptSnapshot, AttemptStatus } from '../../../src/contracts/shared.js';
import { Database } from '../../../src/kernel/database/database.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { KeepMovements } from '../../../src/modules/reconciliation/records/keep-movements.js';
import { KeepRecords } from '../../../src/modules/reconciliation/records/keep-records.js';
import { joined } from '../../../src/modules/reconciliation/records/record.js';
import { toldBy } from '../../../src/modules/reconciliation/records/told.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let ours: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  ours = new Database({ url: database.url, owner: 'reconciliation', poolSize: 2 });
});

afterAll(async () => {
  await ours.close();
  await database.drop();
});

const MERCHANT = newUuid();
const ACCOUNT = newUuid();

function stored(type: string, aggregateId: string, payload: unknown): StoredEvent {
  return {
    id: newUuid(),
    type,
    aggregateType: 'any',
    aggregateId,
    merchantId: MERCHANT,
    payload,
    headers: { correlation_id: 'req_test' },
    createdAt: new Date(),
  };
}

function snapshot(attemptId: string, status: AttemptStatus, version: number, handles = {}): AttemptSnapshot {
  return {
    attempt_id: attemptId,
    version,
    gateway: 'paystack',
    gateway_account_id: ACCOUNT,
    reference: attemptId.replaceAll('-', ''),
    status,
    outcome_code: null,
    blame: null,
    started_at: '2026-01-01T10:00:00.000Z',
    concluded_at: status === 'pending' ? null : '2026-01-01T10:00:05.000Z',
    amount: 5_000,
    currency: 'GHS',
    handles,
  };
}

const figures = { amount: 5_000, currency: 'GHS', gateway_fee: 75 };

type Kind = (typeof KINDS)[number];
const KINDS = ['payment', 'payout', 'duplicate'] as const;

/** A payment that waited and succeeded; a payout that succeeded and came back; one that was paid twice, whose second came back. */
function story(kind: Kind): readonly StoredEvent[] {
  const [attemptId, subject] = [newUuid(), newUuid()];
  if (kind === 'payment') {
    const of = { payment_id: subject, livemode: false };
    return [
      stored(attemptUpdated.type, subject, { ...of, attempt: snapshot(attemptId, 'pending', 2), next_action: null }),
      stored(attemptUpdated.type, subject, {
        ...of,
        attempt: snapshot(attemptId, 'unknown', 3, { id: '4099260516' }),
        next_action: null,
      }),
      stored(paymentRouted.type, subject, {
        ...of,
        ...figures,
        attempt: snapshot(attemptId, 'succeeded', 4, { id: '4099260516', flw_ref: 'FLW-MOCK-1' }),
      }),
    ];
  }
  const of = { kind: 'payout', subject_id: subject, livemode: false };
  const [sent, cameBack, status] =
    kind === 'payout'
      ? ([disbursementSucceeded, disbursementReturned, 'succeeded'] as const)
      : ([disbursementDuplicated, disbursementRecovered, 'surplus'] as const);
  return [
    stored(sent.type, subject, { ...of, ...figures, attempt: snapshot(attemptId, status, 3) }),
    stored(cameBack.type, subject, {
      ...of,
      amount: 5_000,
      currency: 'GHS',
      attempt: snapshot(attemptId, 'returned', 4),
    }),
  ];
}

interface Row {
  readonly attempt_id: string;
  readonly status: string;
  readonly version: number;
  readonly handles: readonly string[];
  readonly moved_amount: string | null;
  readonly fee: string | null;
  readonly figures_version: number;
}

async function rowsOf(ids: readonly string[]): Promise<readonly Row[]> {
  return database.query<Row>(
    `SELECT attempt_id, status, version, handles, moved_amount, fee, figures_version FROM reconciliation.record
      WHERE attempt_id = ANY($1) ORDER BY attempt_id`,
    [ids],
  );
}

describe('records', () => {
  it('are what the events say, in whatever order and batches they come, and however often', async () => {
    const handler = new KeepRecords();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 5 }),
        async (kinds, chance, batch) => {
          const events = kinds.flatMap(story);
          const picks = chance[Symbol.iterator]();
          const next = (): number => Number(picks.next().value);
          const order = [...events, ...events.slice(0, 2)]
            .map((event) => ({ event, place: next() }))
            .toSorted((a, b) => a.place - b.place)
            .map(({ event }) => event);
          for (let from = 0; from < order.length; from += batch)
            await ours.transaction((tx) => handler.handle(tx, order.slice(from, from + batch)));
          const expected = joined(events.map(toldBy));
          expect(await rowsOf(expected.map(({ attemptId }) => attemptId))).toEqual(
            expected.map((each) => ({
              attempt_id: each.attemptId,
              status: each.status,
              version: each.version,
              handles: each.handles,
              moved_amount: String(each.movedAmount),
              fee: String(each.fee),
              figures_version: each.figuresVersion,
            })),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are not written again for what is known', async () => {
    const handler = new KeepRecords();
    const events = story('payment');
    const apply = () => ours.transaction((tx) => handler.handle(tx, events));
    await apply();
    const written = () => database.query('SELECT xmin::text, ctid::text FROM reconciliation.record ORDER BY 1, 2');
    const before = await written();
    await apply();
    expect(await written()).toEqual(before);
  });
});

describe('movements', () => {
  it('are the transfers that touched a clearing account, once each', async () => {
    const [attemptId, subject] = [newUuid(), newUuid()];
    const transfer = (kind: string, clearing?: object) => ({
      transfer_id: newUuid(),
      kind,
      debit_account_id: newUuid(),
      credit_account_id: newUuid(),
      amount: 100,
      currency: 'GHS',
      effective_at: '2026-01-01T10:00:05.000Z',
      ...(clearing === undefined ? {} : { clearing }),
    });
    const at = { gateway_account_id: ACCOUNT, attempt_id: attemptId, livemode: false };
    const event = stored(transfersPosted.type, subject, {
      subject_id: subject,
      transfers: [
        transfer('collection', { ...at, side: 'debit' }),
        transfer('gateway_fee', { ...at, side: 'credit' }),
        transfer('platform_fee'),
      ],
    });
    const handler = new KeepMovements();
    await ours.transaction((tx) => handler.handle(tx, [event, event]));
    await ours.transaction((tx) => handler.handle(tx, [event]));
    expect(
      await database.query('SELECT kind, side FROM reconciliation.movement WHERE attempt_id = $1 ORDER BY kind', [
        attemptId,
      ]),
    ).toEqual([
      { kind: 'collection', side: 'debit' },
      { kind: 'gateway_fee', side: 'credit' },
    ]);
  });
});
