/** Monnify's login (PROVIDERS 4.2) and the envelope around all that it says. */
import { z } from 'zod';
import { AccessTokens, basicAuthorization, tokenLifeSeconds, tokenText } from '../access-tokens.js';
import type { GatewayAccount, GatewayOutcome } from '../gateway-outcome.js';
import type { GatewayHttpClient, HttpAnswer } from '../http-client.js';
import { callWithToken, type Called, type JsonCall } from '../json-calls.js';
import { codeAsGiven, codeFromText, fromHttpError, notSent, parseJson, unknown } from '../outcomes.js';
import { looseText } from '../webhook-hints.js';
import { isNotFound, MONNIFY_REFUSED_REQUESTS } from './monnify.codes.js';

const login = z
  .object({ responseBody: z.object({ accessToken: tokenText, expiresIn: tokenLifeSeconds }) })
  .transform(({ responseBody }) => ({ token: responseBody.accessToken, lifeSeconds: responseBody.expiresIn }));

const envelope = z
  .object({
    /** Missing at times: then the code alone says it. */
    requestSuccessful: z.boolean().optional().catch(undefined),
    responseMessage: looseText,
    responseCode: z.union([z.string().max(64), z.number().transform(String)]),
    responseBody: z.unknown().optional(),
  })
  .transform((parsed) => ({
    isSuccess: parsed.responseCode === '0' && parsed.requestSuccessful !== false,
    code: parsed.responseCode,
    message: parsed.responseMessage,
    body: parsed.responseBody,
  }));
export type MonnifyEnvelope = z.infer<typeof envelope>;

export class MonnifyCalls {
  private readonly tokens: AccessTokens;

  constructor(private readonly http: GatewayHttpClient) {
    this.tokens = new AccessTokens(http, {
      path: '/api/v1/auth/login',
      answer: login,
      credentials: ['api_key', 'secret_key'],
      headers: ({ credentials }) => ({
        authorization: basicAuthorization(credentials['api_key'], credentials['secret_key']),
      }),
    });
  }

  call(account: GatewayAccount, call: JsonCall): Promise<Called> {
    return callWithToken(this.http, this.tokens, account, call);
  }
}

export function envelopeIn(answer: HttpAnswer): MonnifyEnvelope | undefined {
  const parsed = envelope.safeParse(parseJson(answer.body));
  return parsed.success ? parsed.data : undefined;
}

/** What a success of the call carries; undefined for everything else. */
export function bodyIn(answer: HttpAnswer): unknown {
  const enveloped = isOk(answer) ? envelopeIn(answer) : undefined;
  return enveloped?.isSuccess === true ? (enveloped.body ?? {}) : undefined;
}

/** The outcome of an answer that is no success of the call. `isQuestion`: it may say that there is nothing. */
export function fromMonnifyError(answer: HttpAnswer, isQuestion: boolean): GatewayOutcome {
  const enveloped = envelopeIn(answer);
  if (enveloped === undefined) {
    return isOk(answer) ? unknown('unparsable_answer') : fromHttpError(answer.status, false, `http_${answer.status}`);
  }
  const code = codeOf(enveloped, answer.status);
  if (answer.status < 500 && answer.status !== 408 && !enveloped.isSuccess) {
    const isNothing = answer.status === 404 || isNotFound(enveloped.message);
    if (isQuestion && isNothing) return { kind: 'not_found', code: 'not_found' };
    const blame = MONNIFY_REFUSED_REQUESTS.get(enveloped.code);
    if (blame !== undefined) return notSent(enveloped.code, blame);
  }
  return isOk(answer) ? unknown(code) : fromHttpError(answer.status, !enveloped.isSuccess, code);
}

/** D and R codes are codes; of the rest the message says more. */
function codeOf({ code, message }: MonnifyEnvelope, status: number): string {
  return /^[DR]\d+$/.test(code) ? code : codeFromText(message, codeAsGiven(code, `http_${status}`));
}

function isOk(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
