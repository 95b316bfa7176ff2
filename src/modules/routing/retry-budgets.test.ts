import { RetryBudgets } from './retry-budgets.js';

function takeAll(budgets: RetryBudgets, accountId: string): number {
  let taken = 0;
  while (budgets.take(accountId)) taken += 1;
  return taken;
}

describe('the budget for sending again', () => {
  it('lets what was in flight at a crash be repeated at once, then ten a second', () => {
    let now = 0;
    const budgets = new RetryBudgets(() => now);
    expect(takeAll(budgets, 'one')).toBe(128);
    now = 1_000;
    expect(takeAll(budgets, 'one')).toBe(10);
  });

  it('grows by a fifth of what is sent for the first time', () => {
    const budgets = new RetryBudgets(() => 0);
    takeAll(budgets, 'one');
    for (let sent = 0; sent < 52; sent += 1) budgets.sent('one');
    expect(takeAll(budgets, 'one')).toBe(10);
  });

  it('is one for each account', () => {
    const budgets = new RetryBudgets(() => 0);
    takeAll(budgets, 'one');
    expect(budgets.take('two')).toBe(true);
  });
});
