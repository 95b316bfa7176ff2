import { State } from '../blocks/badges.js';
import type { Message } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

export const MESSAGE_STATES = ['queued', 'sending', 'sent', 'failed', 'abandoned'] as const;
export const CHANNELS = ['email', 'sms'] as const;
export const MESSAGE_KINDS = [
  'admin_invited',
  'admin_password_changed',
  'admin_second_factor_set_up',
  'admin_second_factor_removed',
  'admin_recovery_code_used',
  'admin_disabled',
  'alert_funds_short',
  'alert_books_differ',
  'alert_ledger_drifted',
  'alert_endpoint_disabled',
  'merchant_endpoint_disabled',
  'member_endpoint_disabled',
  'member_api_key_created',
  'member_api_key_rolled',
  'member_api_key_revoked',
  'member_payout_failed',
  'member_payout_returned',
  'member_members_changed',
  'receipt_payment',
  'receipt_refund',
] as const satisfies readonly Message['kind'][];

const COLOURS = {
  queued: 'waiting',
  sending: 'waiting',
  sent: 'good',
  failed: 'bad',
  abandoned: 'bad',
} as const satisfies Readonly<Record<Message['state'], string>>;

export function MessageState({ state }: { readonly state: Message['state'] }) {
  const t = useWords();
  return <State is={COLOURS[state]}>{t.messages.states[state]}</State>;
}
