/** Wave's one host and its key per wallet (PROVIDERS 8.1, 8.2), and the shape of its errors. */
import { z } from 'zod';
import type { GatewayAccount, GatewayOutcome } from '../gateway-outcome.js';
import type { GatewayHttpClient, HttpAnswer } from '../http-client.js';
import { callJson, type Called, type JsonCall } from '../json-calls.js';
import { codeAsGiven, fromHttpError, parseJson } from '../outcomes.js';

const apiError = z.object({ code: z.string().min(1).max(200) });

export function callWave(http: GatewayHttpClient, account: GatewayAccount, call: JsonCall): Promise<Called> {
  const authorization = `Bearer ${account.credentials['api_key'] ?? ''}`;
  return callJson(http, account, { ...call, headers: { ...call.headers, authorization } });
}

/** The code of an error that is Wave's own, not a proxy's page. */
export function errorCodeOf(answer: HttpAnswer): string | undefined {
  const parsed = apiError.safeParse(parseJson(answer.body));
  return parsed.success ? codeAsGiven(parsed.data.code, `http_${answer.status}`) : undefined;
}

export function fromWaveError(answer: HttpAnswer): GatewayOutcome {
  const code = errorCodeOf(answer);
  return fromHttpError(answer.status, code !== undefined, code ?? `http_${answer.status}`);
}
