import type { Invariant, Violation } from './invariant.js';

interface ApprovalRow extends Record<string, unknown> {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly asked_by: string;
  readonly decided_by: string | null;
  readonly failure_code: string | null;
  readonly payload: string;
  readonly refunds:
    readonly { id: string; amount: string; payment_id: string; asked_by: string; approved_by: string }[] | null;
  readonly activations: string;
}

/**
 * What two people decide is done once if the second said yes, and never otherwise; nothing is left half decided; and what an operator gave back is what was
 * shown to both.
 */
export const twoPeopleHold: Invariant = {
  name: 'two_people_hold',
  async check({ query }) {
    const approvals = await query<ApprovalRow>(
      `SELECT a.id, a.kind, a.state, a.asked_by, a.decided_by, a.failure_code, a.payload,
         (SELECT json_agg(json_build_object('id', r.id, 'amount', r.amount::text, 'payment_id', r.payment_id, 'asked_by', r.asked_by, 'approved_by', r.approved_by))
            FROM payments.refund r WHERE r.approval_id = a.id) AS refunds,
         (SELECT count(*) FROM routing.rule_set_activation t WHERE t.approval_id = a.id)::text AS activations
       FROM auth.approval a`,
    );
    const orphans = await query<{ id: string }>(
      `SELECT r.id FROM payments.refund r WHERE r.approval_id IS NOT NULL AND NOT EXISTS (SELECT FROM auth.approval a WHERE a.id = r.approval_id)`,
    );
    return [
      ...approvals.flatMap(violationsOf),
      ...orphans.map(({ id }) => ({ text: `refund ${id} names an approval that there is not` })),
    ];
  },
};

function violationsOf(row: ApprovalRow): readonly Violation[] {
  const { id, kind, state, asked_by: maker, decided_by: checker } = row;
  const refunds = row.refunds ?? [];
  const done = kind === 'payments.refund' ? refunds.length : Number(row.activations);
  const found: string[] = [];
  if (state === 'approved') found.push('is approved, and was not carried out');
  if (done !== (state === 'done' ? 1 : 0)) found.push(`is ${state}, and was done ${done} times`);
  if (['approved', 'done', 'failed', 'rejected'].includes(state) && (checker === null || checker === maker))
    found.push(`was decided by ${checker}, who asked for it`);
  for (const refund of refunds) {
    const asked = JSON.parse(row.payload) as { readonly amount: number };
    if (Number(refund.amount) !== asked.amount) found.push(`gave back ${refund.amount} of ${asked.amount}`);
    if (refund.asked_by !== maker || refund.approved_by !== checker) found.push('names others in its refund');
  }
  return found.map((text) => ({ text: `${kind} ${id} ${text}` }));
}
