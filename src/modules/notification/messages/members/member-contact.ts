/** Who a member is, as it lies sealed. */
import { memberContact, memberContactPlace, type MemberContact } from '../../../../contracts/auth.events.js';
import type { Database } from '../../../../kernel/database/database.js';
import { sealed, type Sealed, type Vault } from '../../../../kernel/secrets/vault.js';
import type { ResealResult } from '../message-content.js';
import { replaceSealedMember, sealedMembersAfter } from './members.store.js';

/** @throws {CannotOpen} */
export async function openContact(vault: Vault, memberId: string, from: Sealed): Promise<MemberContact> {
  return memberContact.parse(JSON.parse(await vault.open(from, memberContactPlace(memberId))));
}

const PAGE = 100;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Seals every contact anew that is not under the master key that seals now. */
export async function resealMembers(database: Database, vault: Vault): Promise<ResealResult> {
  const failed: { id: string; problem: string }[] = [];
  let [resealed, current] = [0, 0];
  for (let after = FIRST; ;) {
    const rows = await sealedMembersAfter(database, after, PAGE);
    for (const { id, sealed: was } of rows) {
      try {
        const kept = sealed.parse(was);
        const place = memberContactPlace(id);
        if (await vault.isCurrent(kept)) current += 1;
        else if (await replaceSealedMember(database, id, await vault.seal(await vault.open(kept, place), place), was))
          resealed += 1;
      } catch (error) {
        failed.push({ id, problem: error instanceof Error ? error.message : String(error) });
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return { resealed, current, failed };
    after = last.id;
  }
}
