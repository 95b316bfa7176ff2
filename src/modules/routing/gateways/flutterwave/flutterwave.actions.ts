/** Handing on the code that a customer typed at Flutterwave (PROVIDERS 2.3): the charge is named by `flw_ref`. */
import type { Currency } from '../../../../kernel/money/money.js';
import { toEnter } from '../customer-entries.js';
import type { GatewayAccount, GatewayOutcome } from '../gateway-adapter.js';
import type { CustomerActionRequest, CustomerActions } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { timeLeft } from '../json-calls.js';
import { notSent, parseJson, unknown, withoutAnswer } from '../outcomes.js';
import { readFlutterwaveAnswer, readTransaction, transaction } from './flutterwave.answers.js';
import type { FlutterwaveCalls } from './flutterwave.calls.js';
import { isWrongOtp } from './flutterwave.codes.js';
import { envelope } from './flutterwave.envelope.js';
import { LOOKUP_SHARE, lookUpCharge, notMade } from './flutterwave.lookup.js';

export class FlutterwaveActions implements CustomerActions {
  /** PINs and addresses are asked for on the way to a raw card charge only, which we do not make. */
  readonly types = ['otp'] as const;

  constructor(private readonly calls: FlutterwaveCalls) {}

  async submit(account: GatewayAccount, request: CustomerActionRequest): Promise<GatewayOutcome> {
    if (request.action.type !== 'otp') return notSent('unsupported_action', 'merchant');
    const left = timeLeft(request.timeoutMs);
    let flwRef = request.handles['flw_ref'];
    if (flwRef === undefined) {
      const found = await lookUpCharge(this.calls, account, request.reference, request.timeoutMs * LOOKUP_SHARE);
      if (found.kind === 'outcome') return notMade(found.outcome);
      flwRef = found.handles['flw_ref'];
    }
    if (flwRef === undefined) return notSent('lookup_no_flw_ref', 'gateway');
    const body = JSON.stringify({ otp: request.action.value, flw_ref: flwRef });
    const result = await this.calls.post(account, '/v3/validate-charge', body, left());
    return result.kind === 'answered' ? readAction(result, request.currency) : withoutAnswer(result);
  }
}

/** Unlike with a charge, a refusal's text declines nothing here: only the transaction itself says how it ended. */
export function readAction(answer: HttpAnswer, asked: Currency): GatewayOutcome {
  const parsed = envelope.safeParse(parseJson(answer.body));
  if (parsed.success && parsed.data.status === 'error' && answer.status === 400) {
    const { message, data } = parsed.data;
    const found = transaction.safeParse(data);
    if (found.success) {
      const outcome = readTransaction(found.data, undefined, asked);
      return outcome.kind === 'succeeded' ? unknown('contradictory_answer') : outcome;
    }
    if (isWrongOtp(message)) {
      return {
        kind: 'pending',
        code: 'wrong_otp',
        nextAction: toEnter('otp', message),
        handles: {},
      };
    }
  }
  return readFlutterwaveAnswer(answer, 'action', asked);
}
