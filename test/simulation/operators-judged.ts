/** What must hold of operators when everything has come to rest, and cannot be read in a table. */
import { createApiClient } from '../support/api-client.js';
import type { OperatorDesk } from './operator-desk.js';
import type { Broken } from './oracle/oracle.js';
import type { World } from './world/world.js';

interface Verdict {
  readonly holds: boolean;
}

/** Keys that were ended open nothing, at any process; nobody was let in who must not be; and the audit log holds, entry by entry. */
export async function operatorsBroke(desk: OperatorDesk, world: World): Promise<Broken | undefined> {
  const texts = [...desk.failings];
  for (const secret of desk.revoked) {
    for (const url of world.fleet.urls()) {
      const { status } = await createApiClient(url, secret).get('/v1/balances');
      if (status !== 401) texts.push(`a key that was ended long ago is answered ${status} by ${url}`);
    }
  }
  const verdict = await world.admin.post<Verdict>('/admin/v1/audit_entries/verify', {});
  if (verdict.status !== 200 || !verdict.body.holds)
    texts.push(`the audit log does not hold: ${verdict.status} ${verdict.text}`);
  if (texts.length === 0) return undefined;
  return { invariant: 'operators_are_held', isPermanent: true, violations: texts.map((text) => ({ text })) };
}
