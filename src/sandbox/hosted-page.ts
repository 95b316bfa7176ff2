import type { Charges } from './charges.js';
import type { Gateway, Reply } from './gateway.js';
import type { Transaction } from './transactions.js';
import { html, type Answer } from './wire.js';

/** How long the page waits before it looks for the outcome: more than the usual approval takes. Seconds. */
const REFRESH_SECONDS = 1;

/**
 * The page a customer is sent to. Opening it starts the customer; it then reloads itself until the outcome is there, and
 * leads back to the merchant when they gave an address.
 *
 * @param returnTo - the merchant's address with the gateway's parameters, or undefined when none was given
 */
export function openHostedPage(
  charges: Charges,
  gateway: Gateway,
  transaction: Transaction | undefined,
  returnTo: (transaction: Transaction) => string | undefined,
): Reply {
  if (transaction === undefined) return { answer: html(404, page('No such payment', '')) };
  charges.begin(gateway, transaction);
  return { answer: render(transaction, returnTo(transaction)) };
}

function render(transaction: Transaction, returnTo: string | undefined): Answer {
  const { status } = transaction;
  if (status === 'invited' || status === 'pending') {
    return html(200, page('Payment in progress', `<meta http-equiv="refresh" content="${REFRESH_SECONDS}">`));
  }
  const title = status === 'succeeded' ? 'Paid' : 'Payment declined';
  const onward =
    returnTo === undefined ? '' : `<meta http-equiv="refresh" content="${REFRESH_SECONDS};url=${escape(returnTo)}">`;
  return html(200, page(title, onward));
}

/** @returns the address with the parameters added, or undefined when it is no http(s) address. */
export function withQuery(
  address: string | undefined,
  parameters: Readonly<Record<string, string>>,
): string | undefined {
  if (address === undefined || !/^https?:\/\//.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

function page(title: string, head: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}</head><body><h1>${title}</h1><p>Sandbox: no real money moves.</p></body></html>`;
}

function escape(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
