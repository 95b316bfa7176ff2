/** What one choice costs, as it is made for a payment: the rules, then the gateways. */
import { performance } from 'node:perf_hooks';
import { DEFAULT_VALUES, SmartRouter } from '../../src/modules/routing/choice/choose.js';
import { RuleMatcher } from '../../src/modules/routing/rules/match-rules.js';
import { ruleSet } from '../../src/modules/routing/rules/rule-set.js';

const GATEWAYS = 10;
const RULES = 50;
const NETWORK = 'GHS/mobile_money/mtn';
const WARM_UP = 5_000;
const ROUNDS = 20_000;

export function measureChoice(): { readonly medianUs: number; readonly p99Us: number } {
  const router = new SmartRouter();
  const candidates = Array.from({ length: GATEWAYS }, (_, index) => ({
    segment: { accountId: `gateway_${index}`, network: NETWORK },
    feeShare: 0.01 + index / 1_000,
  }));
  for (let nowMs = 0; nowMs < 2_000; nowMs += 1) {
    const candidate = candidates[nowMs % GATEWAYS];
    if (candidate === undefined) continue;
    const evidence = { worked: nowMs % 19 !== 0, weight: 1 };
    router.observe(candidate.segment, { evidence, wasUnknown: false, startedAtMs: nowMs - 1 }, nowMs);
  }
  const matcher = new RuleMatcher(ruleSet.parse({ rules: rules(), otherwise: { type: 'smart' } }));
  const took: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const start = performance.now();
    matcher.match(payment(round));
    router.choose(candidates, DEFAULT_VALUES, 2_000 + round);
    if (round >= WARM_UP) took.push((performance.now() - start) * 1_000);
  }
  took.sort((a, b) => a - b);
  return { medianUs: took[ROUNDS / 2] ?? Number.NaN, p99Us: took[Math.floor(ROUNDS * 0.99)] ?? Number.NaN };
}

/** None fits, so that all are asked. */
function rules(): unknown[] {
  return Array.from({ length: RULES }, (_, index) => ({
    name: `rule ${index}`,
    when: { currency: ['GHS'], method: ['mobile_money'], network: ['mtn'], amount_from: 1_000_000 + index },
    use: { type: 'order', gateways: ['gateway_1'] },
  }));
}

function payment(round: number): Parameters<RuleMatcher['match']>[0] {
  return {
    kind: 'payment',
    amountMinor: BigInt(1_000 + round),
    currency: 'GHS',
    country: 'GH',
    method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
    merchantId: 'mer_01kb2s9v7ye4x8q3n5m6h7j8k9',
    metadata: {},
  };
}
