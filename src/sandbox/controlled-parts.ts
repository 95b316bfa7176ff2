import type { Accounts } from './accounts.js';
import type { Charges } from './charges.js';
import type { FaultBoard } from './faults.js';
import type { Floats } from './floats.js';
import type { GatewayListener } from './gateway-listener.js';
import type { AfricasTalking } from './messaging/africas-talking.js';
import type { KeptMessages } from './messaging/kept-messages.js';
import type { MailSink } from './messaging/mail-sink.js';
import type { MoneyLedger } from './ledger.js';
import type { MoneyOut } from './money-out.js';
import type { RequestCounts } from './request-counts.js';
import type { Timers } from './timers.js';
import type { WebhookSender } from './webhooks.js';

/** What the operator has a hand in. */
export interface ControlledParts {
  readonly accounts: Accounts;
  readonly charges: Charges;
  readonly counts: RequestCounts;
  readonly faults: FaultBoard;
  readonly floats: Floats;
  readonly ledger: MoneyLedger;
  readonly listeners: readonly GatewayListener[];
  readonly mails: MailSink;
  readonly messages: KeptMessages;
  readonly moneyOut: MoneyOut;
  readonly sms: AfricasTalking;
  readonly timers: Timers;
  readonly webhooks: WebhookSender;
}
