/**
 * What the sandbox's gateways take for payouts, for the demo's accounts: of the size and form of published prices, not anybody's contract. Minor units;
 * `percent_bps` are hundredths of a percent.
 */
import { feeSchedules, type FeeSchedule } from '../modules/routing/fees/fee-model.js';

const VAT = { name: 'VAT', on: 'fee', percent_bps: 750 } as const;
/** Nigeria's banks charge for transfers by three sizes: to 5,000, to 50,000, and above. */
const naira = (small: number, middle: number, large: number, levies: readonly object[] = []) => ({
  kind: 'payout',
  currency: 'NGN',
  method: 'bank_account',
  fee: {
    tiers: [{ up_to: 500_000, flat: small }, { up_to: 5_000_000, flat: middle }, { flat: large }],
    levies,
  },
});
const wallet = (currency: string, percent_bps: number, most?: number) => ({
  kind: 'payout',
  currency,
  method: 'mobile_money',
  fee: { tiers: [{ percent_bps }], ...(most === undefined ? {} : { most }) },
});

const GIVEN: Readonly<Record<string, readonly object[]>> = {
  paystack: [
    naira(1_000, 2_500, 5_000),
    { kind: 'payout', currency: 'GHS', method: 'mobile_money', fee: { tiers: [{ flat: 100 }] } },
    { kind: 'payout', currency: 'GHS', method: 'bank_account', fee: { tiers: [{ flat: 800 }] } },
  ],
  flutterwave: [naira(1_000, 2_500, 5_000, [VAT]), wallet('GHS', 150), wallet('XOF', 150), wallet('XAF', 150)],
  monnify: [naira(2_000, 2_000, 2_000)],
  mtn_momo: [wallet('GHS', 75, 1_500)],
  hubtel: [wallet('GHS', 100, 2_000)],
  wave: [wallet('XOF', 100)],
};

/** Of accounts that are made; afterwards they are the operator's. */
export function demoPayoutFees(gateway: string): readonly FeeSchedule[] {
  return feeSchedules.parse(GIVEN[gateway] ?? []);
}
