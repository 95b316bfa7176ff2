/** A failure that is nobody's for certain, and what another gateway then makes of the same payment. */
import { networkOf } from '../../../src/modules/routing/choice/segment.js';
import type { Routing } from '../../../src/modules/routing/routing.js';
import type { GatewayOutcome } from '../../../src/modules/routing/gateways/gateway-adapter.js';
import { eventually } from '../../support/eventually.js';
import { believedSuccess, createHarness, MOMO, start, UNHURRIED, type Harness } from './harness.js';
import { declined, ScriptedGateway, succeeded } from './scripted-gateway.js';

let first: ScriptedGateway;
let second: ScriptedGateway;
let harness: Harness;
let other: Routing;
let accountId: string;
beforeEach(async () => {
  [first, second] = [new ScriptedGateway('first'), new ScriptedGateway('second')];
  first.onCharge = () => VAGUE;
  harness = await createHarness([first, second], { schedule: UNHURRIED });
  other = harness.another();
  start(other);
  await other.evidence.begun();
  accountId = (await harness.routing.accounts.all()).find(({ gateway }) => gateway === 'first')?.id ?? '';
});
afterEach(() => harness.close());

const VAGUE: GatewayOutcome = {
  kind: 'declined',
  code: 'system_malfunction',
  blame: 'ambiguous',
  retryable: true,
  handles: {},
};
const successOf = (routing: Routing): number =>
  believedSuccess(routing, { accountId, network: networkOf('GHS', MOMO) });

async function pay(state: 'routed' | 'exhausted'): Promise<void> {
  const payment = await harness.pay();
  await eventually(async () => expect(await harness.state(payment)).toBe(state));
  expect((await harness.attempts(payment)).map(({ gateway }) => gateway)).toEqual(['first', 'second']);
}

/** What a process believes that has seen so many vague refusals and nothing else. */
function believedAfter(refusals: number): number {
  const process = harness.another();
  for (let count = 0; count < refusals; count += 1) process.breakers.observe(segment(), VAGUE, performance.now());
  return successOf(process);
}

const PAYMENTS = 5;

describe('a vague refusal', () => {
  it('weighs no more than it says where the next gateway does not take the payment either', async () => {
    second.onCharge = () => declined(false);
    for (let count = 0; count < PAYMENTS; count += 1) await pay('exhausted');
    expect(successOf(harness.routing)).toBeCloseTo(believedAfter(PAYMENTS), 2);
  });

  it('weighs more once another gateway has taken the payment, in every process', async () => {
    second.onCharge = (request) => succeeded(request);
    for (let count = 0; count < PAYMENTS; count += 1) await pay('routed');
    await eventually(() => {
      expect(successOf(harness.routing)).toBeLessThan(believedAfter(PAYMENTS) - 0.1);
      expect(successOf(other)).toBeCloseTo(successOf(harness.routing), 2);
    });
  });

  it('shuts nobody out for it: who is down was asked when it was refused', async () => {
    second.onCharge = (request) => succeeded(request);
    for (let round = 0; round < 4; round += 1) harness.routing.breakers.blame(segment(), performance.now());
    expect(harness.routing.breakers.state(segment())).toBe('closed');
    await pay('routed');
  });

  it('is not held against the gateway that had the money all along', async () => {
    second.onCharge = () => declined(false);
    await pay('exhausted');
    const inDoubt = successOf(harness.routing);
    const [payment] = await harness.database.query<{ payment_id: string }>('SELECT payment_id FROM routing.payment');
    const [attempt] = await harness.attempts(payment?.payment_id ?? '');
    await harness.webhook(first, attempt?.id.replaceAll('-', ''));
    await eventually(async () => expect(await harness.state(payment?.payment_id ?? '')).toBe('routed'));
    expect(successOf(harness.routing)).toBeGreaterThanOrEqual(inDoubt);
  });
});

const segment = (): { accountId: string; network: string } => ({ accountId, network: networkOf('GHS', MOMO) });
