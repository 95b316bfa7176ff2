/** What lies sealed: who a message goes to, and what of it only they may read. */
import { z } from 'zod';
import { invitationLinkPlace } from '../../../contracts/auth.events.js';
import type { Database } from '../../../kernel/database/database.js';
import { RESEAL_PAGE, resealAll, type Resealed } from '../../../kernel/secrets/reseal.js';
import { sealed, type Sealed, type Vault } from '../../../kernel/secrets/vault.js';
import { replaceSealed, sealedAfter, type SealedContent } from './sealed-contents.store.js';
import type { Personal } from './message-kinds.js';

const content = z.object({
  to: z.string(),
  name: z.string().optional(),
  /** As the event brought it: sealed once more, and opened only when the mail is written. */
  link: z.object({ sealed, invitation_id: z.uuid() }).optional(),
});
export type MessageContent = z.infer<typeof content>;

function placeOf(messageId: string): string {
  return `notification.message/${messageId}/content`;
}

export function sealContent(vault: Vault, messageId: string, of: MessageContent): Promise<Sealed> {
  return vault.seal(JSON.stringify(of), placeOf(messageId));
}

/** @throws {CannotOpen} */
export async function openContent(vault: Vault, messageId: string, from: Sealed): Promise<MessageContent> {
  return content.parse(JSON.parse(await vault.open(from, placeOf(messageId))));
}

/** In clear, for as long as it takes to write it. @throws {CannotOpen} */
export async function personalOf(vault: Vault, { name, link }: MessageContent): Promise<Personal> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(link === undefined ? {} : { link: await vault.open(link.sealed, invitationLinkPlace(link.invitation_id)) }),
  };
}

const FIRST = '00000000-0000-0000-0000-000000000000';

/** Seals every content anew, with what is sealed in it, that is not under the master key that seals now. */
export function resealContents(database: Database, vault: Vault): Promise<Resealed> {
  return resealAll<SealedContent>(
    (last) => sealedAfter(database, last?.id ?? FIRST, RESEAL_PAGE),
    async ({ id, sealed: was }) => {
      const kept = sealed.parse(was);
      if (await vault.isCurrent(kept)) return 'current';
      return (await replaceSealed(database, id, await sealedAnew(vault, id, kept), was)) ? 'resealed' : 'changed';
    },
  );
}

async function sealedAnew(vault: Vault, id: string, kept: Sealed): Promise<Sealed> {
  const opened = await openContent(vault, id, kept);
  const { link } = opened;
  if (link === undefined) return sealContent(vault, id, opened);
  const place = invitationLinkPlace(link.invitation_id);
  const anew = { ...link, sealed: await vault.seal(await vault.open(link.sealed, place), place) };
  return sealContent(vault, id, { ...opened, link: anew });
}
