import { LagHistogram, WebhookLags } from './webhook-lags.js';

const histogramOf = (lagsMs: readonly number[]): LagHistogram => {
  const histogram = new LagHistogram();
  for (const lagMs of lagsMs) histogram.add(lagMs);
  return histogram;
};
const many = (count: number, lagMs: number): number[] => Array.from({ length: count }, () => lagMs);

describe('the lags of webhooks', () => {
  it('tell nothing while there are few', () => {
    expect(histogramOf(many(19, 100)).quantile(0.95)).toBeUndefined();
    expect(histogramOf(many(20, 100)).quantile(0.95)).toBeDefined();
  });

  it('have a quantile that is right to a quarter, from above', () => {
    for (const lagMs of [50, 70, 1_000, 61_000, 3_600_000]) {
      const told = histogramOf(many(100, lagMs)).quantile(0.95) ?? 0;
      expect(told).toBeGreaterThanOrEqual(lagMs * 0.999);
      expect(told).toBeLessThanOrEqual(lagMs * 1.251);
    }
  });

  it('are not judged by one customer in twenty who takes long', () => {
    const lags = [...many(96, 200), ...many(4, 60_000)];
    expect(histogramOf(lags).quantile(0.95)).toBeLessThan(300);
    expect(histogramOf(lags).quantile(0.97)).toBeGreaterThan(59_000);
  });

  it('follow a gateway that becomes slower within some hundred webhooks', () => {
    const histogram = histogramOf([...many(5_000, 200), ...many(300, 8_000)]);
    expect(histogram.quantile(0.95)).toBeGreaterThan(7_999);
    expect(histogramOf([...many(5_000, 8_000), ...many(800, 200)]).quantile(0.95)).toBeLessThan(300);
  });

  it('hold the extremes', () => {
    expect(histogramOf(many(20, 0)).quantile(0.95)).toBe(50);
    expect(histogramOf(many(20, 1e12)).quantile(0.95)).toBeGreaterThan(60_000_000);
  });

  it('are kept apart by account and method, and say when one is overdue', () => {
    const lags = new WebhookLags();
    for (const lagMs of many(50, 1_000)) lags.add({ accountId: 'a', method: 'mobile_money', lagMs });
    for (const lagMs of many(50, 1_800_000)) lags.add({ accountId: 'a', method: 'bank_transfer', lagMs });
    const overdueMs = lags.overdueAfterMs('a', 'mobile_money') ?? 0;
    expect(overdueMs).toBeGreaterThan(1_700);
    expect(overdueMs).toBeLessThan(2_100);
    // What takes customers half an hour is left to the schedule.
    expect(lags.overdueAfterMs('a', 'bank_transfer')).toBeUndefined();
    expect(lags.overdueAfterMs('a', 'card')).toBeUndefined();
    expect(lags.overdueAfterMs('b', 'mobile_money')).toBeUndefined();
  });
});
