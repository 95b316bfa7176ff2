/** The conformance suite (see `charges.test.ts`), fourth part: what gateways tell of their own books. */
import { startSandbox } from '../../../../sandbox/sandbox.js';
import type { ChargeRequest, GatewayAdapter } from '../gateway-adapter.js';
import type { GatewayTransaction, Page } from '../gateway-parts.js';
import { eventually } from '../testing/sandbox-control.js';
import { sideBySide } from './side-by-side.js';
import { subjects, type Subject } from './subjects.js';
import { must, newReference, startWorld } from './world.js';

const world = startWorld(startSandbox);

/** More than any test takes, in ms. */
const AROUND_MS = 60_000;

/** Every line of every page. */
async function all<Item>(ask: (cursor: string | null) => Promise<Page<Item>> | undefined): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Page<Item> = await must(ask(cursor));
    if (page.kind === 'failed') throw new Error(page.code);
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = page.next;
  }
}

const total = (lines: readonly GatewayTransaction[]): bigint =>
  lines.reduce((sum, { kind, amountMinor }) => (kind === 'charge' ? sum + amountMinor : sum), 0n);

const everywhere = sideBySide();

for (const subject of subjects) booksOf(subject);
everywhere.run();

function booksOf(subject: Subject): void {
  const ask = everywhere.at(subject.gateway);
  const { account, adapter, callbackUrl, moved } = world.at(subject);

  ask('can be asked for where its API has them, and nowhere else', () => {
    expect(adapter().books?.listTransactions !== undefined).toBe(subject.books !== undefined);
    expect(adapter().books?.listSettlements !== undefined).toBe(subject.books?.hasSettlements ?? false);
    expect(adapter().books?.listSettled !== undefined).toBe(subject.books?.hasSettlements ?? false);
  });

  const traits = subject.books;
  if (traits === undefined) return;

  const { amountMinor, currency, method } = traits.charge;
  const books = (): NonNullable<GatewayAdapter['books']> => must(adapter().books);
  const window = () => ({
    from: new Date(Date.now() - AROUND_MS),
    to: new Date(Date.now() + AROUND_MS),
    currency,
    timeoutMs: 2_000,
  });

  /** Three charges that were paid. */
  const paidCharges = async (): Promise<readonly [ChargeRequest, ...ChargeRequest[]]> => {
    const pay = async (): Promise<ChargeRequest> => {
      const charge: ChargeRequest = {
        reference: newReference(),
        currency,
        amountMinor,
        method,
        customer: {},
        description: null,
        returnUrl: null,
        callbackUrl: callbackUrl(),
        timeoutMs: 2_000,
      };
      await adapter().charge(account(), charge);
      await eventually(async () => ((await moved('charge', charge.reference)).length > 0 ? true : undefined));
      return charge;
    };
    return [await pay(), await pay(), await pay()];
  };

  ask('list every charge that moved, and nothing else as one', async () => {
    const charges = await paidCharges();
    const lines = await all((cursor) => books().listTransactions?.(account(), { ...window(), cursor }));
    const told = lines.filter(({ kind }) => kind === 'charge');
    expect(told.map(({ reference }) => reference).toSorted()).toEqual(
      charges.map(({ reference }) => reference).toSorted(),
    );
    for (const line of told) {
      expect(line).toMatchObject({ status: 'succeeded', amountMinor, currency });
      expect(Math.abs(line.occurredAt.getTime() - Date.now())).toBeLessThan(AROUND_MS);
    }
  });

  ask('have settlements that add up, where they can be asked for', async () => {
    if (!traits.hasSettlements) return;
    const [charge] = await paidCharges();
    const first = charge.reference;
    const back = amountMinor / 5n;
    await must(adapter().refunds).refund(account(), {
      ...charge,
      reference: newReference(),
      amountMinor: back,
      reason: null,
      charge: { reference: first, handles: {}, amountMinor },
    });
    await eventually(async () => ((await moved('refund', first)).length > 0 ? true : undefined));
    await world.control('POST', '/_settlements', { gateway: subject.gateway });

    const settlements = await all((cursor) => books().listSettlements?.(account(), { ...window(), cursor }));
    expect(settlements).toHaveLength(1);
    for (const { id, grossMinor, feesMinor, netMinor } of settlements) {
      const settled = await all((cursor) => books().listSettled?.(account(), id, { ...window(), cursor }));
      expect(total(settled)).toBe(grossMinor);
      expect(grossMinor).toBe(3n * amountMinor);
      expect(grossMinor - feesMinor - back).toBe(netMinor);
    }
  });
}
