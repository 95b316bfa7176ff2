import { Injectable } from '@nestjs/common';
import type { Language } from '../../../config/message-settings.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement, type Queryable } from '../../../kernel/database/tx.js';
import type { Owner } from '../endpoints.store.js';

export interface MessageSettingsRow extends Owner {
  /** As its customers know it. */
  readonly name: string | null;
  readonly receiptsSms: boolean;
  readonly receiptsEmail: boolean;
  readonly language: Language;
  readonly contactEmail: string | null;
}

const COLUMNS = `s.merchant_id AS "merchantId", s.livemode, s.name, s.receipts_sms AS "receiptsSms", s.receipts_email AS "receiptsEmail", s.language,
  s.contact_email AS "contactEmail"`;

const settingsOf = statement(
  'notification.settings_of',
  `SELECT ${COLUMNS} FROM notification.message_settings s
   JOIN (SELECT DISTINCT * FROM unnest($1::uuid[], $2::boolean[]) AS w (merchant_id, livemode)) w
     ON s.merchant_id = w.merchant_id AND s.livemode = w.livemode`,
);

const putSettings = statement(
  'notification.put_settings',
  `INSERT INTO notification.message_settings AS s (merchant_id, livemode, name, receipts_sms, receipts_email, language, contact_email)
   VALUES ($1, $2, $3, $4, $5, $6, $7)
   ON CONFLICT (merchant_id, livemode) DO UPDATE SET name = excluded.name, receipts_sms = excluded.receipts_sms, receipts_email = excluded.receipts_email,
     language = excluded.language, contact_email = excluded.contact_email, updated_at = now()
   RETURNING ${COLUMNS}`,
);

@Injectable()
export class MessageSettingsStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('notification');
  }

  /** @returns what an owner among them has chosen; undefined: nothing yet */
  async of(db: Queryable, owners: readonly Owner[]): Promise<(owner: Owner) => MessageSettingsRow | undefined> {
    const rows = await db.query<MessageSettingsRow>(settingsOf, [
      owners.map(({ merchantId }) => merchantId),
      owners.map(({ livemode }) => livemode),
    ]);
    const byOwner = new Map(rows.map((row) => [keyOf(row), row]));
    return (owner) => byOwner.get(keyOf(owner));
  }

  async put(row: MessageSettingsRow): Promise<MessageSettingsRow> {
    const { merchantId, livemode, name, receiptsSms, receiptsEmail, language, contactEmail } = row;
    const values = [merchantId, livemode, name, receiptsSms, receiptsEmail, language, contactEmail];
    const [put] = await this.database.query<MessageSettingsRow>(putSettings, values);
    if (put === undefined) throw new Error('An INSERT ... RETURNING gave no row');
    return put;
  }
}

function keyOf({ merchantId, livemode }: Owner): string {
  return `${merchantId} ${livemode}`;
}
