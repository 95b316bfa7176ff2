import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { AfricasTalkingChannel } from '../../../../src/modules/notification/messages/africas-talking-channel.js';
import { startSandboxProgram, type SandboxProgram } from '../../../support/program.js';

/** Far beyond what the sandbox takes to answer, far below what a test may take. */
const TIMEOUT_MS = 700;
const SMS = { to: '+233241234567', text: 'Payé 1 500 XOF' };

let sandbox: SandboxProgram;
let channel: AfricasTalkingChannel;

beforeAll(async () => {
  sandbox = await startSandboxProgram();
});
afterAll(() => sandbox.stop());
beforeEach(() => {
  channel = channelAt(sandbox.messaging.africastalking);
});
afterEach(async () => {
  await sandbox.clearFaults();
  await channel.close();
});

function channelAt(url: string, apiKey = 'atsk_sandbox_africastalking'): AfricasTalkingChannel {
  return new AfricasTalkingChannel({ username: 'sandbox', apiKey, url, senderId: 'SANKOFA' }, TIMEOUT_MS);
}

it('sends, and learns what the provider calls it', async () => {
  const outcome = await channel.send(SMS);
  const [message] = (await sandbox.messages(SMS.to)).slice(-1);
  expect(message).toMatchObject({ text: SMS.text, from: 'SANKOFA' });
  expect(outcome).toEqual({ kind: 'sent', providerId: message?.id });
});

it.each([
  [401, 'not_sent'],
  [402, 'not_sent'],
  [403, 'refused'],
  [404, 'refused'],
  [405, 'not_sent'],
  [406, 'refused'],
  [407, 'not_sent'],
  [409, 'refused'],
  [500, 'unknown'],
  [501, 'unknown'],
  [502, 'not_sent'],
  [599, 'unknown'],
])('takes the code %i for %s', async (code, kind) => {
  await sandbox.setFault({ gateway: 'africastalking', fault: 'decline', code: String(code) });
  expect(await channel.send(SMS)).toMatchObject({ kind, error: `status_${code}` });
});

it.each([
  ['timeout_after_charge', 'unknown', 'timeout'],
  ['timeout_before_charge', 'unknown', 'timeout'],
  ['error_5xx_after_charge', 'unknown', 'http_500'],
  ['error_5xx_before', 'unknown', 'http_500'],
  ['down', 'unknown', 'http_503'],
  ['garbage', 'unknown', 'unexpected_answer'],
  ['refuse', 'not_sent', 'connection_refused'],
])('takes the fault %s for %s', async (fault, kind, error) => {
  await sandbox.setFault({ gateway: 'africastalking', fault });
  expect(await channel.send(SMS)).toMatchObject({ kind, error });
});

it('waits for a slow answer, but not for ever', async () => {
  await sandbox.setFault({ gateway: 'africastalking', fault: 'slow', ms: 100 });
  expect(await channel.send(SMS)).toMatchObject({ kind: 'sent' });
  await sandbox.setFault({ gateway: 'africastalking', fault: 'slow', ms: 5_000 });
  expect(await channel.send(SMS)).toMatchObject({ kind: 'unknown', error: 'timeout' });
});

it('keeps a message for later while its own key is not taken', async () => {
  const other = channelAt(sandbox.messaging.africastalking, 'wrong');
  expect(await other.send(SMS)).toMatchObject({ kind: 'not_sent', error: 'http_401' });
  await other.close();
});

it.each([
  [201, { SMSMessageData: { Message: 'InvalidSenderId', Recipients: [] } }, 'not_sent', 'no_recipient'],
  [429, {}, 'not_sent', 'http_429'],
  [400, {}, 'refused', 'http_400'],
  [302, {}, 'unknown', 'http_302'],
  [201, { SMSMessageData: { Recipients: 'x'.repeat(20_000) } }, 'unknown', 'unexpected_answer'],
])('takes an answer of %i for what it says', async (status, body, kind, error) => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status, { 'retry-after': '7' }).end(JSON.stringify(body)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const other = channelAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const outcome = await other.send(SMS);
  expect(outcome).toMatchObject({ kind, error });
  if (status === 429) expect(outcome).toMatchObject({ retryAfterMs: 7_000 });
  await other.close();
  server.close();
});
