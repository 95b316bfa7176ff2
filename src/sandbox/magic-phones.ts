/** What the customer behind a magic phone number does, or what happens to their payment. */
export type MagicBehaviour =
  | 'insufficient_funds'
  | 'customer_rejects'
  | 'never_approves'
  | 'timeout_after_charge'
  | 'late_success'
  | 'duplicate_webhook'
  | 'no_webhook';

/** By the last four digits of the customer's phone, at every gateway. Every other number pays. */
export const MAGIC_PHONES: Readonly<Record<string, MagicBehaviour>> = {
  '9901': 'insufficient_funds',
  '9902': 'customer_rejects',
  '9903': 'never_approves',
  '9904': 'timeout_after_charge',
  '9905': 'late_success',
  '9906': 'duplicate_webhook',
  '9907': 'no_webhook',
};

export function magicBehaviour(phone: string | undefined): MagicBehaviour | undefined {
  return phone === undefined ? undefined : MAGIC_PHONES[phone.slice(-4)];
}
