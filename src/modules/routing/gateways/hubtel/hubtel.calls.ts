/** Hubtel's hosts, one per function (PROVIDERS 6.1), and the envelope around all that it says. */
import { z } from 'zod';
import { basicAuthorization } from '../access-tokens.js';
import type { GatewayAccount, GatewayOutcome } from '../gateway-outcome.js';
import type { GatewayHttpClient, HttpAnswer } from '../http-client.js';
import { callJson, type Called, type JsonCall } from '../json-calls.js';
import { codeAsGiven, codeFromText, fromHttpError, notSent, parseJson, unknown } from '../outcomes.js';
import { looseText } from '../webhook-hints.js';
import { HUBTEL_REFUSALS, HUBTEL_REFUSED_REQUESTS, isDuplicate, isNotFound } from './hubtel.codes.js';

/** Receiving money in production; there is no sandbox. */
export const HUBTEL_BASE_URL = 'https://rmp.hubtel.com';

/** The other functions' hosts in production, by the credential that overrides them. */
const hosts = {
  status_base_url: 'https://api-txnstatus.hubtel.com',
  checkout_base_url: 'https://payproxyapi.hubtel.com',
  payout_base_url: 'https://smp.hubtel.com',
  payout_status_base_url: 'https://smrsc.hubtel.com',
} as const;
export type HubtelHost = keyof typeof hosts;

/** An account that is not Hubtel's production has all its functions at its own address, unless it says otherwise. */
export function hubtelHost(account: GatewayAccount, host: HubtelHost): string {
  const given = account.credentials[host] ?? '';
  if (given !== '') return given;
  return account.baseUrl.replace(/\/+$/, '') === HUBTEL_BASE_URL ? hosts[host] : account.baseUrl;
}

export function callHubtel(http: GatewayHttpClient, account: GatewayAccount, call: JsonCall): Promise<Called> {
  const authorization = basicAuthorization(account.credentials['api_id'], account.credentials['api_key']);
  return callJson(http, account, { ...call, headers: { authorization } });
}

/** Account numbers stand in paths. */
export function pathPart(account: GatewayAccount, credential: 'pos_sales_id' | 'prepaid_deposit_id'): string {
  return encodeURIComponent(account.credentials[credential] ?? '');
}

const envelope = z
  .object({
    responseCode: z.union([z.string().max(64), z.number().transform(String)]).optional(),
    message: looseText,
    data: z.unknown().optional(),
  })
  .refine(({ responseCode, message }) => responseCode !== undefined || message !== undefined);
export type HubtelEnvelope = z.infer<typeof envelope>;

export function envelopeIn(answer: HttpAnswer): HubtelEnvelope | undefined {
  return envelopeOf(parseJson(answer.body));
}

/** Field names begin with a capital letter in some of Hubtel's answers and callbacks, and with a small one in others. */
export function envelopeOf(json: unknown): HubtelEnvelope | undefined {
  const parsed = envelope.safeParse(uncapitalised(json));
  return parsed.success ? { ...parsed.data, data: uncapitalised(parsed.data.data) } : undefined;
}

function uncapitalised(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
  );
}

/** What a call was for: only a creation can be a duplicate, only a question can find nothing. */
export type HubtelCall = 'create' | 'question';

/**
 * The outcome of an answer that is neither a success nor a wait. A page instead of JSON, which addresses get that Hubtel does not know,
 * says nothing about what is behind it: unknown.
 */
export function fromHubtelError(answer: HttpAnswer, call: HubtelCall): GatewayOutcome {
  const { status } = answer;
  const enveloped = envelopeIn(answer);
  const isOk = status >= 200 && status < 300;
  if (enveloped === undefined) {
    return isOk ? unknown('unparsable_answer') : fromHttpError(status, false, `http_${status}`);
  }
  const { responseCode, message } = enveloped;
  const code = codeAsGiven(responseCode ?? '', codeFromText(message, `http_${status}`));
  if (isOk || refusals.has(status)) {
    if (call === 'create' && isDuplicate(message)) return { kind: 'duplicate', code: 'duplicate_reference' };
    const isNothing = status === 404 || isNotFound(message);
    if (call === 'question' && isNothing) return { kind: 'not_found', code: 'not_found' };
    const refusal = HUBTEL_REFUSALS.get(code);
    if (refusal !== undefined) return { kind: 'declined', code, ...refusal, handles: {} };
    const blame = HUBTEL_REFUSED_REQUESTS.get(code);
    if (blame !== undefined) return notSent(code, blame);
    // Wrong credentials or no permission are refused by whoever looks at nothing else; other codes are in no table.
    if (isOk || (responseCode !== undefined && status !== 401 && status !== 403)) return unknown(code);
  }
  return fromHttpError(status, true, code);
}

/** Statuses under which a code of Hubtel's own is believed: errors of servers, and timeouts, are not among them. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403, 404, 409, 422]);
