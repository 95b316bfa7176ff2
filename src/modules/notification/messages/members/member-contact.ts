/** Who a member is, as it lies sealed. */
import { memberContact, memberContactPlace, type MemberContact } from '../../../../contracts/auth.events.js';
import type { Database } from '../../../../kernel/database/database.js';
import { RESEAL_PAGE, resealAll, type Resealed } from '../../../../kernel/secrets/reseal.js';
import { sealed, type Sealed, type Vault } from '../../../../kernel/secrets/vault.js';
import { replaceSealedMember, sealedMembersAfter, type SealedMember } from './members.store.js';

/** @throws {CannotOpen} */
export async function openContact(vault: Vault, memberId: string, from: Sealed): Promise<MemberContact> {
  return memberContact.parse(JSON.parse(await vault.open(from, memberContactPlace(memberId))));
}

const FIRST = '00000000-0000-0000-0000-000000000000';

/** Seals every contact anew that is not under the master key that seals now. */
export function resealMembers(database: Database, vault: Vault): Promise<Resealed> {
  return resealAll<SealedMember>(
    (last) => sealedMembersAfter(database, last?.id ?? FIRST, RESEAL_PAGE),
    async ({ id, sealed: was }) => {
      const [kept, place] = [sealed.parse(was), memberContactPlace(id)];
      if (await vault.isCurrent(kept)) return 'current';
      const anew = await vault.seal(await vault.open(kept, place), place);
      return (await replaceSealedMember(database, id, anew, was)) ? 'resealed' : 'changed';
    },
  );
}
