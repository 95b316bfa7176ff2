/** Handing on what the customer typed at Paystack (PROVIDERS 1.3): the charge goes on, and its state comes back. */
import type { Currency } from '../../../../kernel/money/money.js';
import type { GatewayAccount, GatewayOutcome } from '../gateway-adapter.js';
import { toEnter } from '../customer-entries.js';
import type { CustomerAction, CustomerActionRequest, CustomerActions } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { parseJson, unknown, withoutAnswer } from '../outcomes.js';
import { readPaystackAnswer, readTransaction, transaction } from './paystack.answers.js';
import type { PaystackCalls } from './paystack.calls.js';
import { isWrongEntry } from './paystack.codes.js';
import { envelope } from './paystack.envelope.js';

export class PaystackActions implements CustomerActions {
  readonly types = ['otp', 'pin', 'phone', 'birthday'] as const;

  constructor(private readonly calls: PaystackCalls) {}

  async submit(account: GatewayAccount, request: CustomerActionRequest): Promise<GatewayOutcome> {
    const { type, value } = request.action;
    // Each kind has an address and a field of its own, named alike.
    const body = { [type]: value, reference: request.reference };
    const result = await this.calls.post(account, `/charge/submit_${type}`, body, request.timeoutMs);
    return result.kind === 'answered' ? readAction(result, type, request.currency) : withoutAnswer(result);
  }
}

/** Unlike with a charge, a refusal's text declines nothing here: only the transaction itself says how it ended. */
export function readAction(answer: HttpAnswer, type: CustomerAction['type'], asked: Currency): GatewayOutcome {
  const parsed = envelope.safeParse(parseJson(answer.body));
  if (parsed.success && !parsed.data.status && answer.status === 400) {
    const { code, message, data, type: errorType } = parsed.data;
    if (transaction.safeParse(data).success) {
      const outcome = readTransaction(data, asked);
      return outcome.kind === 'succeeded' ? unknown('contradictory_answer') : outcome;
    }
    if (isWrongEntry(code, message)) {
      return { kind: 'pending', code: `wrong_${type}`, nextAction: toEnter(type, message), handles: {} };
    }
    if (errorType === 'processor_error') return unknown('processor_error');
  }
  return readPaystackAnswer(answer, 'action', asked);
}
