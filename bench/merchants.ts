/** Merchants made for a measurement, through the program's own administration. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from './bench-error.js';
import type { RequestTarget } from './children/payment-requests.js';
import type { RunningApp, Stage } from './stage.js';

/** The guard learns keys by an event; a busy machine may need longer than the usual milliseconds. */
const KEY_TIMEOUT_MS = 30_000;

/** @returns where and as whom each of them asks for payments, once their keys work */
export async function makeMerchants(stage: Stage, app: RunningApp, count: number): Promise<RequestTarget[]> {
  const targets: RequestTarget[] = [];
  for (let number = 1; number <= count; number += 1) {
    const { id } = await administer(stage, app, 'merchants', { name: `Merchant ${number}`, platform_fee_bps: 50 });
    const { secret } = await administer(stage, app, `merchants/${String(id)}/api_keys`, { livemode: false });
    targets.push({ host: app.host, port: app.port, secretKey: String(secret) });
  }
  for (const target of targets) await untilKnown(stage, target);
  return targets;
}

async function administer(
  { adminKey }: Stage,
  { host, port }: RunningApp,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`http://${host}:${port}/admin/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new BenchError(`POST /admin/v1/${path} was answered ${response.status}`);
  return (await response.json()) as Readonly<Record<string, unknown>>;
}

async function untilKnown({ signal }: Stage, { host, port, secretKey }: RequestTarget): Promise<void> {
  const deadline = Date.now() + KEY_TIMEOUT_MS;
  const isKnown = async (): Promise<boolean> => {
    const headers = { authorization: `Bearer ${secretKey}` };
    const response = await fetch(`http://${host}:${port}/v1/payments?limit=1`, { headers });
    await response.arrayBuffer();
    return response.ok;
  };
  while (!(await isKnown())) {
    signal.throwIfAborted();
    if (Date.now() > deadline) throw new BenchError("A merchant's key did not become valid");
    await sleep(50);
  }
}
