import type { Movement, Movements } from '../../movements.js';

/** For so long, the same amount to the same account is taken for a repeat. Milliseconds. */
const WINDOW_MS = 120_000;

/** More than are paid out in two minutes; the oldest go first, as memory is bounded. */
const MAX_KEPT = 50_000;

/** What the guard against a payout that is made twice looks at. */
type Payout = Pick<Movement, 'account' | 'requestedMinor' | 'detail'>;

/** Remembers what was paid out lately, to whom and how much; the reference makes no difference. */
export class RecentPayouts {
  private readonly recent = new Map<string, Movement>();

  constructor(private readonly payouts: Movements) {}

  add(payout: Movement): void {
    const key = keyOf(payout);
    // Put at the end again, so that the map stays in the order of time.
    this.recent.delete(key);
    this.recent.set(key, payout);
    if (this.recent.size <= MAX_KEPT) return;
    for (const oldest of this.recent.keys()) {
      this.recent.delete(oldest);
      break;
    }
  }

  hasTwin(payout: Payout): boolean {
    const known = this.recent.get(keyOf(payout));
    // After a reset the books no longer have it.
    const isInTheBooks = known !== undefined && this.payouts.byId(known.account.name, known.id) === known;
    return isInTheBooks && Date.now() - known.createdAt < WINDOW_MS;
  }
}

function keyOf({ account, requestedMinor, detail }: Payout): string {
  return JSON.stringify([account.name, detail['bankCode'], detail['accountNumber'], requestedMinor]);
}
