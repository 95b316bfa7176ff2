/** Taking in what gateways say: whole or not at all, every line once, whatever source it comes in. */
import { createHash } from 'node:crypto';
import { Database } from '../../../src/kernel/database/database.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { IncomingLine } from '../../../src/modules/reconciliation/lines/line.js';
import type { SourceRow } from '../../../src/modules/reconciliation/lines/lines.store.js';
import { takeLines } from '../../../src/modules/reconciliation/lines/take-lines.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let ours: Database;
let account: string;

beforeAll(async () => {
  database = await createTestDatabase();
  ours = new Database({ url: database.url, owner: 'reconciliation', poolSize: 4 });
});
beforeEach(() => {
  account = newUuid();
});
afterAll(async () => {
  await ours.close();
  await database.drop();
});

function line(number: number, differing: Partial<IncomingLine> = {}): IncomingLine {
  return {
    line: number,
    id: `${10_000 + number}`,
    reference: `ref-${number}`,
    handles: {},
    kind: 'charge',
    status: 'succeeded',
    amountMinor: 5_000n,
    feeMinor: 75n,
    netMinor: null,
    currency: 'GHS',
    occurredAt: new Date('2026-01-01T10:00:00Z'),
    settlementId: null,
    description: null,
    ...differing,
  };
}

async function* batches(...given: readonly (readonly IncomingLine[])[]): AsyncGenerator<readonly IncomingLine[]> {
  for (const batch of given) yield await Promise.resolve(batch);
}

function take(
  lines: AsyncIterable<readonly IncomingLine[]>,
  { name = 'day.csv', content }: { readonly name?: string; readonly content?: string } = {},
): Promise<SourceRow> {
  return takeLines(
    ours,
    {
      kind: content === undefined ? 'listing' : 'file',
      name,
      gatewayAccountId: account,
      gateway: 'paystack',
      livemode: false,
      from: new Date('2026-01-01T00:00:00Z'),
      to: new Date('2026-01-02T00:00:00Z'),
      covers: ['payment'],
      checksum: content === undefined ? null : createHash('sha256').update(content).digest('hex'),
    },
    lines,
  );
}

const stored = () =>
  database.query<{ gateway_id: string | null; status: string; fee: string | null; reference: string | null }>(
    `SELECT gateway_id, status, fee, reference FROM reconciliation.line WHERE gateway_account_id = $1
      ORDER BY occurred_at, gateway_id, id`,
    [account],
  );
const leftStaged = async () =>
  (await database.query<{ count: string }>('SELECT count(*) FROM reconciliation.staged_line'))[0]?.count;

describe('a source', () => {
  it('becomes visible as a whole, and counts what is new', async () => {
    const source = await take(batches([line(1), line(2)], [line(3)]));
    expect(source).toMatchObject({ state: 'committed', staged: 3, newLines: 3, repeatedLines: 0 });
    expect(await stored()).toHaveLength(3);
    expect(await leftStaged()).toBe('0');
  });

  it('leaves nothing behind when it breaks off', async () => {
    async function* broken(): AsyncGenerator<readonly IncomingLine[]> {
      yield await Promise.resolve([line(1)]);
      throw new Error('line 2 is not a line');
    }
    await expect(take(broken())).rejects.toThrow('line 2 is not a line');
    expect(await stored()).toEqual([]);
    expect(await leftStaged()).toBe('0');
    expect(
      await database.query('SELECT state, problem FROM reconciliation.source WHERE gateway_account_id = $1', [account]),
    ).toEqual([{ state: 'abandoned', problem: 'line 2 is not a line' }]);
  });

  it('has a line once, however often and in whatever source it comes', async () => {
    await take(batches([line(1, { status: 'pending', feeMinor: null }), line(2)]));
    const second = await take(batches([line(7, { id: '10001', reference: null }), line(3), line(4, { id: '10003' })]));
    expect(second).toMatchObject({ staged: 3, newLines: 1, repeatedLines: 2 });
    expect(await stored()).toEqual([
      { gateway_id: '10001', status: 'succeeded', fee: '75', reference: 'ref-1' },
      { gateway_id: '10002', status: 'succeeded', fee: '75', reference: 'ref-2' },
      { gateway_id: '10003', status: 'succeeded', fee: '75', reference: 'ref-4' },
    ]);
  });

  it('keeps equal lines without an id of their own apart, and knows them again', async () => {
    const equal = [1, 2].map((number) => line(number, { id: null, reference: null }));
    expect(await take(batches(equal))).toMatchObject({ newLines: 2 });
    expect(await take(batches(equal.toReversed()))).toMatchObject({ newLines: 0, repeatedLines: 2 });
    expect(await stored()).toHaveLength(2);
  });
});

describe('the same file', () => {
  it('is refused the second time, and what it was is named', async () => {
    await take(batches([line(1)]), { name: 'january.csv', content: 'january' });
    await expect(take(batches([line(2)]), { name: 'again.csv', content: 'january' })).rejects.toMatchObject({
      code: 'reconciliation.source_known',
      detail: expect.stringContaining('taken in as january.csv') as string,
    });
    expect(await stored()).toHaveLength(1);
  });

  it('is taken in once when it is given twice at the same time', async () => {
    const outcomes = await Promise.allSettled(
      ['one.csv', 'two.csv'].map((name) => take(batches([line(1)], [line(2)]), { name, content: 'february' })),
    );
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({
      code: 'reconciliation.source_known',
    });
    expect(await stored()).toHaveLength(2);
    expect(await leftStaged()).toBe('0');
  });

  it('may be given again after it broke off', async () => {
    async function* broken(): AsyncGenerator<readonly IncomingLine[]> {
      yield await Promise.resolve([line(1)]);
      throw new Error('cut off');
    }
    await expect(take(broken(), { content: 'march' })).rejects.toThrow('cut off');
    expect(await take(batches([line(1)]), { content: 'march' })).toMatchObject({ state: 'committed' });
  });
});
