import { DEFAULT_HOST, DEFAULT_PORT, DEFAULT_WEBHOOK_URL, startSandbox, type Sandbox } from './sandbox.js';

const HIGHEST_PORT = 65_535;

/** The control API, seven gateways, the SMS provider and the mail server: the last port any of them takes must exist too. */
const PORTS_TAKEN = 10;

async function main(): Promise<void> {
  const sandbox = await startSandbox({
    port: port(process.env['SANDBOX_PORT']),
    host: setting('SANDBOX_HOST') ?? DEFAULT_HOST,
    webhookUrl: setting('SANDBOX_WEBHOOK_URL') ?? DEFAULT_WEBHOOK_URL,
  });
  stopOnSignals(sandbox);
  const { controlUrl, gateways, messaging } = sandbox;
  console.log(JSON.stringify({ ready: true, controlUrl, gateways, messaging }));
}

function setting(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

function port(value: string | undefined): number {
  if (value === undefined || value === '') return DEFAULT_PORT;
  const number = /^\d{1,5}$/.test(value) ? Number(value) : -1;
  if (number < 0 || number > HIGHEST_PORT - PORTS_TAKEN) {
    throw new Error(`SANDBOX_PORT must be a whole number from 0 to ${HIGHEST_PORT - PORTS_TAKEN}`);
  }
  return number;
}

function stopOnSignals(sandbox: Sandbox): void {
  const stop = (): void => {
    void sandbox.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE') {
    return `${address ?? ''}:${port ?? ''} is taken by another program; choose another SANDBOX_PORT`;
  }
  return error.message;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`sandbox: ${explain(error)}\n`);
  process.exitCode = 1;
}
