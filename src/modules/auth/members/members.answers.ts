/** Merchants' members as the admin API shows them. */
import { z } from 'zod';
import { LANGUAGES } from '../../../config/message-settings.js';
import type { CsvColumns } from '../../../kernel/http/csv-pages.js';
import { listOf } from '../../../kernel/http/answers.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { SUBJECTS, type MemberRow } from './members.store.js';

export const memberAnswer = z
  .object({
    object: z.literal('merchant_member'),
    id: z.string(),
    merchant_id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    phone: z.string().nullable().describe('For SMS; null: none are sent.'),
    language: z.enum(LANGUAGES),
    subjects: z.array(z.enum(SUBJECTS)).describe('Of what they are told; an owner of all of it.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'MerchantMember' });
export const membersAnswer = listOf(memberAnswer);

export type MemberView = z.infer<typeof memberAnswer>;

export function viewMember(row: MemberRow): MemberView {
  return {
    object: 'merchant_member',
    id: encodeId('merchantMember', row.id),
    merchant_id: encodeId('merchant', row.merchantId),
    email: row.email,
    name: row.name,
    phone: row.phone,
    language: row.language,
    subjects: [...row.subjects],
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

export const MEMBER_CSV: CsvColumns<MemberView> = {
  id: (member) => member.id,
  created_at_utc: (member) => member.created_at,
  merchant: (member) => member.merchant_id,
  email: (member) => member.email,
  name: (member) => member.name,
  phone: (member) => member.phone,
  language: (member) => member.language,
  subjects: (member) => member.subjects.join(' '),
  updated_at_utc: (member) => member.updated_at,
};
