import type { Evidence } from './evidence.js';
import type { Invariant } from './invariant.js';

/** One statement, hence one moment: none of this may ever be seen. */
const CONTRADICTIONS = `SELECT 'what waits on account ' || x.account_id || ' is not ' || x.waiting AS text FROM ledger.settling_account x
   WHERE x.waiting <> (SELECT coalesce(sum(s.amount - least(s.amount, greatest(s.given_back, 0))), 0) FROM ledger.settlement s
     WHERE s.account_id = x.account_id AND (s.due_at IS NULL OR s.due_at > x.settled_until))
  UNION ALL SELECT 'capture ' || s.capture_id || ' is in ' || count(*) || ' releases' FROM ledger.settlement s
    JOIN ledger.release r ON r.account_id = s.account_id AND s.due_at > r.settled_from AND s.due_at <= r.settled_until
   GROUP BY s.capture_id, s.account_id HAVING count(*) > 1
  UNION ALL SELECT 'release ' || r.id || ' is of ' || r.amount || ' and moved ' || coalesce(t.amount, 0) FROM ledger.release r
    LEFT JOIN ledger.transfer t ON t.id = r.transfer_id WHERE r.amount <> coalesce(t.amount, 0)
  UNION ALL SELECT 'collection ' || t.id || ' waits for nothing' FROM ledger.transfer t
   WHERE t.kind = 'collection' AND NOT EXISTS (SELECT FROM ledger.settlement s WHERE s.capture_id = t.id)
     AND t.amount > (SELECT coalesce(sum(f.amount), 0) FROM ledger.transfer f WHERE f.kind = 'platform_fee' AND f.subject_id = t.subject_id)`;

/** What was captured is settled once, by a release that says so, whatever died meanwhile. */
export const settledOnce: Invariant = {
  name: 'settled_once',
  check: ({ query }) => query<{ text: string }>(CONTRADICTIONS),
};

/** All is due at once in the simulated world, so nothing that is free stays behind. */
export const everythingSettles: Invariant = {
  name: 'everything_settles',
  check: ({ query }: Evidence) =>
    query<{ text: string }>(
      `SELECT 'account ' || a.id || ' has ' || a.credits_posted - a.debits_posted - a.debits_pending || ' that is due and not released' AS text
       FROM ledger.account a WHERE a.kind = 'merchant_pending' AND a.credits_posted - a.debits_posted - a.debits_pending > 0`,
    ),
};
