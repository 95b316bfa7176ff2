/** Payments through the sandbox, and what a file of their gateway says of them: one amount less, two that are missing, and one that nobody made. */
import { randomUUID } from 'node:crypto';
import { Database } from '../../../src/kernel/database/database.js';
import { encodeId } from '../../../src/kernel/ids/ids.js';
import { takeLines } from '../../../src/modules/reconciliation/lines/take-lines.js';
import type { System } from '../../e2e/support/system.js';
import { eventually } from '../../support/eventually.js';
import { must } from '../../support/person.js';
import { inBatches } from '../../support/planted-day.js';

export interface Planted {
  readonly gatewayAccount: string;
  readonly run: string;
  /** Of it another amount is told. */
  readonly differing: { readonly reference: string; readonly paymentId: string };
  /** The reference of a line that is of no attempt. */
  readonly stranger: string;
  /** A file of the gateway's, as it exports them, with one more line: `evening-1`, of GHS 12.34. */
  readonly file: string;
}

interface Known {
  readonly account: string;
  readonly gateway: string;
  readonly reference: string;
  readonly subject: string;
  readonly moved: bigint;
  readonly fee: bigint;
  readonly at: Date;
}

const HOUR_MS = 3_600_000;
const PAYMENTS = 4;
/** What happened less long ago may be under way, and is not missed yet. */
const DAYS_AGO = 3;

async function pay(system: System): Promise<void> {
  const reference = `order-${randomUUID()}`;
  const method = { type: 'mobile_money', network: 'mtn', phone: '+233241234567' };
  const options = { headers: { 'idempotency-key': reference, prefer: 'wait=20' } };
  must(await system.merchant.post('/v1/payments', { amount: 5_000, currency: 'GHS', reference, method }, options), 201);
}

async function letDaysPass(system: System): Promise<void> {
  const owner = system.databaseOf('reconciliation');
  const ago = `- interval '${DAYS_AGO} days'`;
  await owner.query(
    `UPDATE reconciliation.record SET started_at = started_at ${ago}, concluded_at = concluded_at ${ago}`,
  );
  await owner.query(`UPDATE reconciliation.movement SET effective_at = effective_at ${ago}`);
}

export async function plantBreaks(system: System): Promise<Planted> {
  for (let count = 0; count < PAYMENTS; count += 1) await pay(system);
  const database = new Database({
    url: system.databaseOf('reconciliation').url,
    owner: 'reconciliation',
    poolSize: 2,
  });
  try {
    const read = () =>
      database.query<Known>(
        `SELECT gateway_account_id AS account, gateway, reference, subject_id AS subject, moved_amount AS moved, fee, started_at AS at
           FROM reconciliation.record r WHERE status = 'succeeded' AND kind = 'payment'
            AND EXISTS (SELECT FROM reconciliation.movement m WHERE m.attempt_id = r.attempt_id) ORDER BY started_at`,
      );
    await eventually(async () => {
      if ((await read()).length < PAYMENTS) throw new Error('not all of them are known yet');
    });
    await letDaysPass(system);
    const known = await read();
    const [first, second] = known;
    if (first === undefined || second === undefined) throw new Error('nothing is known');
    if (known.some(({ account }) => account !== first.account)) throw new Error('they went to several accounts');
    const [from, to] = [new Date(first.at.getTime() - HOUR_MS), new Date(first.at.getTime() + HOUR_MS)];
    const stranger = `stranger-${randomUUID()}`;
    const line = {
      id: null,
      handles: {},
      kind: 'charge',
      status: 'succeeded',
      netMinor: null,
      currency: 'GHS',
      settlementId: null,
      description: null,
    } as const;
    const told = { gatewayAccountId: first.account, gateway: first.gateway, livemode: false, from, to };
    await takeLines(
      database,
      { kind: 'file', name: 'today.csv', ...told, checksum: null, covers: ['payment'] },
      inBatches([
        {
          ...line,
          line: 2,
          reference: first.reference,
          amountMinor: first.moved - 100n,
          feeMinor: first.fee,
          occurredAt: first.at,
        },
        {
          ...line,
          line: 3,
          reference: second.reference,
          amountMinor: second.moved,
          feeMinor: second.fee,
          occurredAt: second.at,
        },
        { ...line, line: 4, reference: stranger, amountMinor: 7_700n, feeMinor: 0n, occurredAt: first.at },
      ]),
    );
    const gatewayAccount = encodeId('gatewayAccount', first.account);
    // The file alone is to be compared with: the gateway's own books would know better.
    const asked = { gateway_account: gatewayAccount, from: from.toISOString(), to: to.toISOString(), listing: false };
    const run = must(await system.admin.post<{ id: string }>('/admin/v1/reconciliation/runs', asked), 201).body.id;
    await eventually(
      async () => {
        const { body } = await system.admin.get(`/admin/v1/reconciliation/runs/${run}`);
        if (body['status'] !== 'succeeded') throw new Error(`the run is ${String(body['status'])}`);
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
    const differing = { reference: first.reference, paymentId: encodeId('payment', first.subject) };
    if (first.gateway !== 'paystack') throw new Error(`files of ${first.gateway} look otherwise`);
    const file = `Id,Reference,Status,Amount,Fees,Currency,Paid at\r\n9001,evening-1,success,12.34,0.10,GHS,${to.toISOString()}\r\n`;
    return { gatewayAccount, run, differing, stranger, file };
  } finally {
    await database.close();
  }
}
