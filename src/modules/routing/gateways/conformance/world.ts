/** A sandbox and whoever hears its webhooks, for one file of the conformance suite; and what every test of it does. */
import { newUuid } from '../../../../kernel/ids/ids.js';
import type { GatewayAccount, GatewayAdapter } from '../gateway-adapter.js';
import { createGateways, type Gateways } from '../index.js';
import {
  callControl,
  receiveWebhooks,
  type ReceivedWebhook,
  type WebhookReceiver,
} from '../testing/sandbox-control.js';
import type { Subject } from './subjects.js';

export interface LedgerLine {
  readonly kind: string;
  readonly amount: number;
  readonly currency: string;
}

/** The sandbox as far as it is needed here: only tests import it. */
interface Sandbox {
  readonly controlUrl: string;
  readonly gateways: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** What a fault does to a request that moves money, and whether it moved all the same. */
export const DOUBTS = [
  ['timeout_before_charge', false],
  ['timeout_after_charge', true],
  ['error_5xx_before', false],
  ['error_5xx_after_charge', true],
  ['garbage', true],
] as const;

export const newReference = (): string => newUuid().replaceAll('-', '');

/** A part that the subject's adapter must have. */
export function must<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the adapter lacks a part');
  return part;
}

/** One gateway of the world, seen by its adapter. */
export interface Place {
  readonly subject: Subject;
  adapter(): GatewayAdapter;
  account(over?: Partial<GatewayAccount>): GatewayAccount;
  /** An account whose credentials the sandbox does not know. */
  wrongAccount(): GatewayAccount;
  callbackUrl(): string;
  fault(name: string, over?: object): Promise<unknown>;
  /** Ends this gateway's faults. */
  heal(): Promise<unknown>;
  /** Every webhook that it sent since the test began. */
  received(): readonly ReceivedWebhook[];
  /** What really moved under a reference, of one kind. */
  moved(kind: string, reference: string): Promise<LedgerLine[]>;
}

export interface World {
  control(method: string, path: string, body?: object): Promise<unknown>;
  at(subject: Subject): Place;
}

/** Registers what a file of the suite needs before and after its tests: each begins without faults, books and webhooks. */
export function startWorld(startSandbox: (options: { port: number; webhookUrl: string }) => Promise<Sandbox>): World {
  let hooks: WebhookReceiver;
  let sandbox: Sandbox;
  let gateways: Gateways;
  const control: World['control'] = (method, path, body) => callControl(sandbox.controlUrl, method, path, body);

  beforeAll(async () => {
    hooks = await receiveWebhooks();
    sandbox = await startSandbox({ port: 0, webhookUrl: `${hooks.url}/{gateway}/{account}` });
  });
  afterAll(async () => {
    await sandbox.close();
    await hooks.close();
  });
  beforeEach(async () => {
    await control('DELETE', '/_faults');
    await control('DELETE', '/_ledger');
    hooks.received.length = 0;
    gateways = createGateways();
  });
  afterEach(() => gateways.close());

  const at = (subject: Subject): Place => {
    const account: Place['account'] = (over = {}) => ({
      id: 'account-1',
      gateway: subject.gateway,
      name: 'main',
      livemode: false,
      baseUrl: sandbox.gateways[subject.gateway] ?? '',
      credentials: subject.credentials,
      ...over,
    });
    return {
      subject,
      account,
      adapter: () => must(gateways.adapters.get(subject.gateway)),
      wrongAccount: () => account({ id: 'account-2', credentials: subject.wrongCredentials }),
      callbackUrl: () => `${hooks.url}/${subject.gateway}/main`,
      fault: (name, over = {}) => control('POST', '/_faults', { gateway: subject.gateway, fault: name, ...over }),
      heal: () => control('DELETE', `/_faults?gateway=${subject.gateway}`),
      received: () => hooks.received.filter(({ path }) => path === `/webhooks/${subject.gateway}/main`),
      moved: async (kind, reference) => {
        const books = (await control('GET', `/_ledger?reference=${reference}`)) as { data: LedgerLine[] };
        return books.data.filter((line) => line.kind === kind);
      },
    };
  };
  return { control, at };
}
