import { Accounts, DEFAULT_ACCOUNT } from './accounts.js';
import { Announcer } from './announcer.js';
import { Charges } from './charges.js';
import { ControlApi } from './control-api.js';
import { FaultBoard } from './faults.js';
import { Floats } from './floats.js';
import { GatewayListener } from './gateway-listener.js';
import { AFRICAS_TALKING, AfricasTalking } from './messaging/africas-talking.js';
import { KeptMessages } from './messaging/kept-messages.js';
import { MailSink } from './messaging/mail-sink.js';
import { createGateways } from './gateways/gateways.js';
import { MoneyLedger } from './ledger.js';
import { MoneyOut } from './money-out.js';
import { RequestCounts } from './request-counts.js';
import { Timers } from './timers.js';
import { WebhookSender } from './webhooks.js';

export interface SandboxOptions {
  /**
   * The control API's port; the gateways take the ones after it, in the order of `createGateways`, then the SMS provider and the mail server. 0: any
   * free port for each.
   */
  readonly port: number;
  readonly host?: string;
  /** Where accounts without an address of their own get their webhooks; `{gateway}` and `{account}` are filled in. */
  readonly webhookUrl?: string;
}

/** A running sandbox. */
export interface Sandbox {
  readonly controlUrl: string;
  /** Base address by gateway name, without a slash at the end. */
  readonly gateways: Readonly<Record<string, string>>;
  /** Where messages to people are taken. */
  readonly messaging: { readonly africastalking: string; readonly smtp: string };
  close(): Promise<void>;
}

/** Loopback only: the credentials are public, so that nothing outside this machine should reach it unasked. */
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 4010;
export const DEFAULT_WEBHOOK_URL = 'http://127.0.0.1:3000/webhooks/{gateway}/{account}';

/**
 * Starts the impersonated gateways and their control API.
 *
 * @throws the listener's error (EADDRINUSE and the like) when a port cannot be had; nothing is left running then
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const host = options.host ?? DEFAULT_HOST;
  const accounts = new Accounts(options.webhookUrl ?? DEFAULT_WEBHOOK_URL);
  const ledger = new MoneyLedger();
  const timers = new Timers();
  const webhooks = new WebhookSender();
  const announcer = new Announcer(timers, webhooks);
  const charges = new Charges(ledger, timers, announcer);
  const floats = new Floats(ledger);
  const moneyOut = new MoneyOut(ledger, floats, timers, announcer);
  const gateways = createGateways({ accounts, charges, floats, ledger, moneyOut });
  for (const gateway of gateways) accounts.put(gateway.name, DEFAULT_ACCOUNT, gateway.defaultCredentials);
  const faults = new FaultBoard([...gateways, { name: AFRICAS_TALKING }]);
  const counts = new RequestCounts();
  const listeners = gateways.map((gateway, index) => {
    const port = options.port === 0 ? 0 : options.port + 1 + index;
    return new GatewayListener(gateway, host, port, faults, counts);
  });
  const messages = new KeptMessages();
  const next = (index: number): number => (options.port === 0 ? 0 : options.port + 1 + gateways.length + index);
  const sms = new AfricasTalking(host, next(0), faults, messages);
  const mails = new MailSink(host, next(1), messages);
  const control = new ControlApi(host, options.port, {
    accounts,
    charges,
    counts,
    faults,
    floats,
    ledger,
    listeners,
    mails,
    messages,
    moneyOut,
    sms,
    timers,
    webhooks,
  });
  const close = async (): Promise<void> => {
    timers.clear();
    webhooks.close();
    await Promise.all([control.close(), sms.close(), mails.close(), ...listeners.map((listener) => listener.close())]);
  };
  try {
    for (const listener of listeners) await listener.follow();
    await sms.follow();
    await mails.open();
    await control.open();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    controlUrl: control.url,
    gateways: Object.fromEntries(listeners.map((listener) => [listener.gateway.name, listener.url])),
    messaging: { africastalking: sms.url, smtp: mails.url },
    close,
  };
}
