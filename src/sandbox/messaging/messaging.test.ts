import { createTransport } from 'nodemailer';
import { startSandbox, type Sandbox } from '../sandbox.js';
import { control } from '../testing/clients.js';
import { sleep } from '../testing/eventually.js';
import { CREDENTIALS } from './africas-talking.js';

let sandbox: Sandbox;
let operator: ReturnType<typeof control>;

beforeEach(async () => {
  sandbox = await startSandbox({ port: 0 });
  operator = control(sandbox);
});
afterEach(() => sandbox.close());

const PHONE = '+233241234567';

function send(form: Record<string, string>, apiKey: string = CREDENTIALS.apiKey, ms = 2_000): Promise<Response> {
  return fetch(`${sandbox.messaging.africastalking}/version1/messaging`, {
    method: 'POST',
    headers: { accept: 'application/json', apiKey, connection: 'close' },
    body: new URLSearchParams({ username: CREDENTIALS.username, ...form }),
    signal: AbortSignal.timeout(ms),
  });
}

async function kept(to: string): Promise<readonly Record<string, unknown>[]> {
  const { json } = await operator.get(`/_messages?${new URLSearchParams({ to }).toString()}`);
  return json['data'] as readonly Record<string, unknown>[];
}

const fault = (name: string, more: Record<string, unknown> = {}) =>
  operator.post('/_faults', { gateway: 'africastalking', fault: name, ...more });

async function statusCodeOf(response: Response): Promise<unknown> {
  const { SMSMessageData } = (await response.json()) as { SMSMessageData: { Recipients: { statusCode: number }[] } };
  return SMSMessageData.Recipients[0]?.statusCode;
}

describe("the sandbox's Africa's Talking", () => {
  it('takes an SMS, answers as the provider does, and keeps it', async () => {
    const response = await send({ to: PHONE, message: 'Hello', from: 'ACME' });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      SMSMessageData: {
        Message: 'Sent to 1/1 Total Cost: GHS 0.0500',
        Recipients: [
          { statusCode: 101, number: PHONE, status: 'Success', cost: 'GHS 0.0500', messageId: expect.any(String) },
        ],
      },
    });
    expect(await kept(PHONE)).toMatchObject([{ channel: 'sms', from: 'ACME', to: PHONE, text: 'Hello' }]);
    expect(await kept('+233200000000')).toEqual([]);
  });

  it('lets nobody in with another key, and refuses what is no phone number', async () => {
    expect((await send({ to: PHONE, message: 'Hello' }, 'wrong')).status).toBe(401);
    expect(await statusCodeOf(await send({ to: '0241234567', message: 'Hello' }))).toBe(403);
    expect((await send({ to: PHONE })).status).toBe(400);
    expect(await kept(PHONE)).toEqual([]);
  });

  it('declines with the code that it is told', async () => {
    await fault('decline', { code: '405' });
    expect(await statusCodeOf(await send({ to: PHONE, message: 'Hello' }))).toBe(405);
    expect(await kept(PHONE)).toEqual([]);
  });

  it.each(['timeout_after_charge', 'error_5xx_after_charge', 'garbage'])(
    'sends, and does not say so: %s',
    async (name) => {
      await fault(name);
      const answered = await send({ to: PHONE, message: 'Hello' }, CREDENTIALS.apiKey, 300).then(
        (response) => response.text(),
        () => 'silence',
      );
      expect(answered).not.toContain('Success');
      expect(await kept(PHONE)).toHaveLength(1);
    },
  );

  it.each(['timeout_before_charge', 'error_5xx_before', 'down', 'refuse'])('does not send: %s', async (name) => {
    await fault(name);
    await send({ to: PHONE, message: 'Hello' }, CREDENTIALS.apiKey, 300).catch(() => undefined);
    expect(await kept(PHONE)).toEqual([]);
    await operator.remove('/_faults');
    expect((await send({ to: PHONE, message: 'Hello' })).status).toBe(201);
  });

  it('draws by its seed, the same each time', async () => {
    const draw = async (): Promise<readonly unknown[]> => {
      await fault('decline', { rate: 0.5, seed: 7 });
      const codes: unknown[] = [];
      for (let index = 0; index < 12; index += 1)
        codes.push(await statusCodeOf(await send({ to: PHONE, message: 'x' })));
      return codes;
    };
    const first = await draw();
    expect(new Set(first).size).toBe(2);
    expect(await draw()).toEqual(first);
  });

  it('is slow, and has sent meanwhile', async () => {
    await fault('slow', { ms: 1_000 });
    const answer = send({ to: PHONE, message: 'Hello' });
    await sleep(200);
    expect(await kept(PHONE)).toHaveLength(1);
    expect((await answer).status).toBe(201);
  });
});

describe("the sandbox's mail server", () => {
  it('takes every mail and shows what was in it', async () => {
    const { hostname, port } = new URL(sandbox.messaging.smtp);
    const transport = createTransport({ host: hostname, port: Number(port) });
    await transport.sendMail({
      from: 'Sankofa <pay@example.com>',
      to: 'ama@example.com',
      subject: 'Reçu',
      text: 'Payé',
      html: '<p>Payé</p>',
    });
    expect(await kept('AMA@example.com')).toMatchObject([
      { channel: 'email', from: 'pay@example.com', to: 'ama@example.com', subject: 'Reçu', text: 'Payé\n' },
    ]);
    expect((await operator.remove('/_messages')).status).toBe(200);
    expect(await kept('ama@example.com')).toEqual([]);
  });
});
