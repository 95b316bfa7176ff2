/** The gateways that we can talk to, by the name that stands in rows and addresses. */
import { FlutterwaveAdapter, FLUTTERWAVE_BASE_URL } from './flutterwave/flutterwave.adapter.js';
import type { GatewayAdapter } from './gateway-adapter.js';
import { GatewayHttpClient, type HttpClientOptions } from './http-client.js';
import { HubtelAdapter } from './hubtel/hubtel.adapter.js';
import { HUBTEL_BASE_URL } from './hubtel/hubtel.calls.js';
import { MonnifyAdapter, MONNIFY_BASE_URL } from './monnify/monnify.adapter.js';
import { MtnMomoAdapter, MTN_MOMO_BASE_URL } from './mtn-momo/mtn-momo.adapter.js';
import { ORANGE_MONEY_BASE_URL, OrangeMoneyAdapter } from './orange-money/orange-money.adapter.js';
import { PaystackAdapter, PAYSTACK_BASE_URL } from './paystack/paystack.adapter.js';
import { WaveAdapter, WAVE_BASE_URL } from './wave/wave.adapter.js';

/** Where a gateway is in production, for accounts that name no address of their own. */
export const DEFAULT_BASE_URLS: Readonly<Record<string, string>> = {
  paystack: PAYSTACK_BASE_URL,
  flutterwave: FLUTTERWAVE_BASE_URL,
  mtn_momo: MTN_MOMO_BASE_URL,
  monnify: MONNIFY_BASE_URL,
  hubtel: HUBTEL_BASE_URL,
  orange_money: ORANGE_MONEY_BASE_URL,
  wave: WAVE_BASE_URL,
};

export interface Gateways {
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  /** Waits for the calls in flight and closes the connections. */
  close(): Promise<void>;
}

/** Makes the adapters of one process; they share connections per account, and caches. */
export function createGateways(options: HttpClientOptions = {}): Gateways {
  const http = new GatewayHttpClient(options);
  const adapters: readonly GatewayAdapter[] = [
    new PaystackAdapter(http),
    new FlutterwaveAdapter(http),
    new MtnMomoAdapter(http),
    new MonnifyAdapter(http),
    new HubtelAdapter(http),
    new OrangeMoneyAdapter(http),
    new WaveAdapter(http),
  ];
  return {
    adapters: new Map(adapters.map((adapter) => [adapter.gateway, adapter])),
    close: () => http.close(),
  };
}
