/** Impersonates Africa's Talking: `POST /version1/messaging`, form-encoded, answered in JSON. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultBoard, Struck } from '../faults.js';
import { SwitchedServer } from '../switched-server.js';
import { Timers } from '../timers.js';
import { header, json, readBody, send, type Answer } from '../wire.js';
import type { KeptMessages } from './kept-messages.js';

export const AFRICAS_TALKING = 'africastalking';
/** Public, as all of the sandbox's. */
export const CREDENTIALS = { username: 'sandbox', apiKey: 'atsk_sandbox_africastalking' } as const;

const PHONE = /^\+\d{7,15}$/;
/** What stands for the sender where none was named. */
const DEFAULT_SENDER = 'AFRICASTKNG';

/** The provider's words for its codes. */
const STATUSES: Readonly<Record<number, string>> = {
  100: 'Processed',
  101: 'Success',
  102: 'Queued',
  401: 'RiskHold',
  402: 'InvalidSenderId',
  403: 'InvalidPhoneNumber',
  404: 'UnsupportedNumberType',
  405: 'InsufficientBalance',
  406: 'UserInBlacklist',
  407: 'CouldNotRoute',
  409: 'DoNotDisturbRejection',
  500: 'InternalServerError',
  501: 'GatewayError',
  502: 'RejectedByGateway',
};
const SENT = 101;
const DECLINED = 406;
const BAD_NUMBER = 403;

const UNAUTHENTICATED: Answer = {
  status: 401,
  body: 'The supplied authentication is invalid',
  contentType: 'text/plain; charset=utf-8',
};
const NOT_FOUND: Answer = { status: 404, body: 'Not Found', contentType: 'text/plain' };
const DOWN: Answer = { status: 503, body: 'Service Unavailable', contentType: 'text/plain' };
const SERVER_ERROR: Answer = { status: 500, body: 'Internal Server Error', contentType: 'text/plain' };
const GARBAGE: Answer = { status: 201, body: '{"SMSMessageData":{"Mess', contentType: 'application/json' };

export class AfricasTalking {
  private readonly listener: SwitchedServer;
  private readonly slow = new Timers();

  constructor(
    host: string,
    port: number,
    private readonly faults: FaultBoard,
    private readonly messages: KeptMessages,
  ) {
    const serve = (request: IncomingMessage, response: ServerResponse): void => void this.serve(request, response);
    const isWanted = (): boolean => this.faults.active(AFRICAS_TALKING, 'refuse') === undefined;
    this.listener = new SwitchedServer(host, port, serve, isWanted);
  }

  get url(): string {
    return this.listener.url;
  }

  /** Makes the listener agree with the fault `refuse`: closed while it is in force, open otherwise. */
  follow(): Promise<void> {
    return this.listener.follow();
  }

  async close(): Promise<void> {
    this.slow.clear();
    await this.listener.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const down = this.faults.strikesRequest(AFRICAS_TALKING, 'down');
    const slow = this.faults.strikesRequest(AFRICAS_TALKING, 'slow', 'charge');
    const body = await readBody(request);
    const answer = down === undefined ? this.answer(request, body ?? '') : DOWN;
    // Silence: the connection stays open until the client gives up.
    if (answer === undefined) return;
    if (slow) this.slow.after(slow.ms, () => send(response, answer));
    else send(response, answer);
  }

  private answer(request: IncomingMessage, body: string): Answer | undefined {
    if (request.method !== 'POST' || request.url !== '/version1/messaging') return NOT_FOUND;
    const form = new URLSearchParams(body);
    if (header(request.headers, 'apikey') !== CREDENTIALS.apiKey || form.get('username') !== CREDENTIALS.username)
      return UNAUTHENTICATED;
    const [to, text] = [form.get('to'), form.get('message')];
    if (to === null || text === null || text === '')
      return { status: 400, body: 'Request is missing required form field', contentType: 'text/plain' };
    const struck = this.faults.strikesCreate(AFRICAS_TALKING, 'charge');
    if (hit(struck, 'timeout_before_charge')) return undefined;
    if (hit(struck, 'error_5xx_before')) return SERVER_ERROR;
    const declined = struck.get('decline');
    if (declined !== undefined) declined.hits += 1;
    const told = recipients(to, (number) => {
      if (!PHONE.test(number)) return { statusCode: BAD_NUMBER };
      if (declined !== undefined) return { statusCode: Number(declined.order.code ?? DECLINED) };
      const messageId = this.messages.nextId();
      const from = form.get('from') ?? DEFAULT_SENDER;
      this.messages.keep({ id: messageId, channel: 'sms', from, to: number, text, at: Date.now() });
      return { statusCode: SENT, messageId };
    });
    if (hit(struck, 'timeout_after_charge')) return undefined;
    if (hit(struck, 'error_5xx_after_charge')) return SERVER_ERROR;
    return hit(struck, 'garbage') ? GARBAGE : told;
  }
}

function recipients(
  to: string,
  tell: (number: string) => { readonly statusCode: number; readonly messageId?: string },
): Answer {
  const all = to.split(',').map((number) => {
    const { statusCode, messageId = 'None' } = tell(number.trim());
    const cost = statusCode === SENT ? 'GHS 0.0500' : '0';
    return { statusCode, number: number.trim(), status: STATUSES[statusCode] ?? 'Failed', cost, messageId };
  });
  const sent = all.filter(({ statusCode }) => statusCode === SENT).length;
  return json(201, {
    SMSMessageData: {
      Message: `Sent to ${sent}/${all.length} Total Cost: GHS ${(sent * 0.05).toFixed(4)}`,
      Recipients: all,
    },
  });
}

function hit(
  struck: Struck,
  name: 'timeout_before_charge' | 'timeout_after_charge' | 'error_5xx_before' | 'error_5xx_after_charge' | 'garbage',
): boolean {
  const fault = struck.get(name);
  if (fault === undefined) return false;
  fault.hits += 1;
  return true;
}
