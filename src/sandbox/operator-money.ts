import { DEFAULT_ACCOUNT } from './accounts.js';
import type { ControlledParts } from './controlled-parts.js';
import type { Gateway } from './gateway.js';
import { exponentOf } from './money.js';
import { MISPRINTS } from './misprints.js';
import type { Movement } from './movements.js';
import type { Settlement } from './settlements.js';
import type { Transaction } from './transactions.js';
import { json, text, type Answer, type JsonObject } from './wire.js';

/** What the operator can do with a transaction by hand. */
export type Part = 'approve' | 'decline' | 'return';

export function problem(status: number, error: string): Answer {
  return json(status, { error });
}

export function gatewayOf({ listeners }: ControlledParts, name: unknown): Gateway | Answer {
  const found = listeners.find((listener) => listener.gateway.name === name)?.gateway;
  const names = listeners.map((listener) => listener.gateway.name).join(', ');
  return found ?? problem(400, `unknown gateway; valid gateways: ${names}`);
}

/** Plays the customer of a charge, or the bank of a refund or payout. */
export function playByHand(parts: ControlledParts, body: JsonObject, part: Part): Answer {
  const gateway = gatewayOf(parts, body['gateway']);
  if ('status' in gateway) return gateway;
  const reference = text(body, 'reference');
  if (reference === undefined) return problem(400, 'reference is missing');
  const account = text(body, 'account') ?? DEFAULT_ACCOUNT;
  const { kind = part === 'return' ? 'payout' : 'charge' } = body;
  if (kind === 'charge' && part !== 'return') return playCustomer(parts, gateway, { account, reference, body, part });
  if (kind !== 'payout' && (kind !== 'refund' || part === 'return')) {
    return problem(400, part === 'return' ? 'only a payout can come back' : 'kind must be charge, refund or payout');
  }
  const known = gateway.moneyOut?.[kind === 'refund' ? 'refunds' : 'payouts'].of(account, reference) ?? [];
  const movement = wanted(known, part);
  if (known.length === 0) return problem(404, `no ${kind} ${reference} at ${gateway.name}, account ${account}`);
  if (movement === undefined) return problem(409, `${kind} ${reference} has already ${known.at(-1)?.status}`);
  return playBank(parts, gateway, movement, { body, part });
}

/** `POST /_misprints`: the gateway lists a charge otherwise than it was. */
export function misprint(parts: ControlledParts, body: JsonObject): Answer {
  const gateway = gatewayOf(parts, body['gateway']);
  if ('status' in gateway) return gateway;
  const how = MISPRINTS.find((each) => each === body['as']);
  if (how === undefined) return problem(400, `as must be one of ${MISPRINTS.join(', ')}`);
  const reference = text(body, 'reference') ?? '';
  const account = text(body, 'account') ?? DEFAULT_ACCOUNT;
  const found = gateway.transactions.latest(account, reference);
  if (found === undefined) return problem(404, `no transaction ${reference} at ${gateway.name}, account ${account}`);
  gateway.transactions.misprint(found, how);
  return json(201, { gateway: gateway.name, account, reference, as: how });
}

/** `POST /_float`: what an account holds from now on, besides what it collected (`amount`) or in all (`balance`). */
export function setFloat(parts: ControlledParts, body: JsonObject): Answer {
  const gateway = gatewayOf(parts, body['gateway']);
  if ('status' in gateway) return gateway;
  const currency = text(body, 'currency') ?? '';
  if (exponentOf(currency) === undefined) return problem(400, 'currency must be one that the gateways take, like NGN');
  const { amount, balance } = body;
  const told = [amount, balance].filter((each) => each !== undefined);
  if (told.length !== 1 || !Number.isSafeInteger(told[0]) || Number(told[0]) < 0) {
    return problem(400, 'amount or balance must be a whole number of minor units, 0 or more');
  }
  const account = accountOf(parts, gateway, text(body, 'account'));
  if (typeof account !== 'string') return account;
  if (balance === undefined) parts.floats.set(gateway, account, currency, Number(amount));
  else parts.floats.setBalance(gateway, account, currency, Number(balance));
  return json(200, holdings(parts, gateway, account, currency));
}

/** `GET /_float`: what an account holds in one currency. */
export function readFloat(parts: ControlledParts, query: URLSearchParams): Answer {
  const gateway = gatewayOf(parts, query.get('gateway'));
  if ('status' in gateway) return gateway;
  const currency = query.get('currency') ?? '';
  if (exponentOf(currency) === undefined) return problem(400, 'currency must be one that the gateways take, like NGN');
  const account = accountOf(parts, gateway, query.get('account') ?? undefined);
  return typeof account === 'string' ? json(200, holdings(parts, gateway, account, currency)) : account;
}

/** `POST /_settlements`: the gateway pays the merchant what it owes. */
export function settle(parts: ControlledParts, body: JsonObject): Answer {
  const gateway = gatewayOf(parts, body['gateway']);
  if ('status' in gateway) return gateway;
  const name = text(body, 'account') ?? DEFAULT_ACCOUNT;
  const account = parts.accounts.get(gateway.name, name);
  if (account === undefined) return problem(404, `no account ${name} at ${gateway.name}`);
  const { settlements, transactions, moneyOut } = gateway;
  if (settlements === undefined || moneyOut === undefined) {
    return problem(400, `${gateway.name} tells nothing of its settlements`);
  }
  const made = settlements.settle(account, transactions, moneyOut.refunds);
  for (const settlement of made) {
    parts.floats.settle(gateway, name, settlement.currency, settledOf(settlement));
    const told = gateway.settlementWebhook?.(settlement);
    if (told !== undefined) parts.webhooks.send(gateway.name, told, gateway.webhookRetryMs);
  }
  const data = made.map(({ id, currency, charges, refunds }) => ({
    gateway: gateway.name,
    account: name,
    id,
    currency,
    charges: charges.length,
    refunds: refunds.length,
  }));
  return json(201, { data });
}

/** What leaves the balance with it, the fees that the gateway keeps included. In minor units. */
function settledOf({ charges, refunds }: Settlement): number {
  const collected = charges.reduce((sum, { chargedMinor }) => sum + chargedMinor, 0);
  return collected - refunds.reduce((sum, { movedMinor }) => sum + movedMinor, 0);
}

function accountOf(parts: ControlledParts, gateway: Gateway, given: string | undefined): string | Answer {
  const name = given ?? DEFAULT_ACCOUNT;
  return parts.accounts.get(gateway.name, name) === undefined
    ? problem(404, `no account ${name} at ${gateway.name}`)
    : name;
}

function holdings(parts: ControlledParts, gateway: Gateway, account: string, currency: string): JsonObject {
  return { gateway: gateway.name, account, currency, ...parts.floats.of(gateway, account, currency) };
}

interface Play {
  readonly account: string;
  readonly reference: string;
  readonly body: JsonObject;
  readonly part: Part;
}

function playCustomer(parts: ControlledParts, gateway: Gateway, { account, reference, body, part }: Play): Answer {
  const known = gateway.transactions.of(account, reference);
  if (known.length === 0) return problem(404, `no transaction ${reference} at ${gateway.name}, account ${account}`);
  const open = known.findLast(({ status }) => status === 'pending' || status === 'invited');
  const failed = known.findLast(({ status }) => status === 'failed');
  const transaction = open ?? (part === 'approve' ? failed : undefined);
  if (transaction === undefined) return problem(409, `transaction ${reference} has already ${known.at(-1)?.status}`);
  const { charges } = parts;
  const code = text(body, 'code') ?? gateway.declineCodes.customerRejected;
  const acted =
    part === 'approve' ? charges.approve(gateway, transaction) : charges.decline(gateway, transaction, code);
  if (!acted) return problem(409, `transaction ${reference} is closed: nobody can pay it any more`);
  return json(200, statusOf(transaction));
}

function wanted(known: readonly Movement[], part: Part): Movement | undefined {
  if (part === 'return') return known.findLast(({ status }) => status === 'succeeded');
  const open = known.findLast(({ status }) => status === 'pending' || status === 'waiting');
  return open ?? (part === 'approve' ? known.findLast(({ status }) => status === 'failed') : undefined);
}

function playBank(
  parts: ControlledParts,
  gateway: Gateway,
  movement: Movement,
  { body, part }: Pick<Play, 'body' | 'part'>,
): Answer {
  const { moneyOut } = parts;
  if (part === 'approve' && !moneyOut.pay(gateway, movement)) {
    return problem(409, `the account no longer holds what ${movement.kind} ${movement.reference} takes`);
  }
  const codes = gateway.moneyOut?.declineCodes[movement.kind];
  if (part === 'decline') moneyOut.fail(gateway, movement, text(body, 'code') ?? codes?.unpayable ?? '');
  if (part === 'return') {
    if (gateway.moneyOut?.returnsPayouts !== true) {
      return problem(400, `the API of ${gateway.name} has no word for a payout that was paid and came back`);
    }
    moneyOut.giveBack(gateway, movement);
  }
  return json(200, statusOf(movement));
}

function statusOf({ gateway, reference, id, status }: Transaction | Movement): JsonObject {
  return { gateway, reference, id, status };
}
