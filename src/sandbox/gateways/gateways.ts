import type { Gateway } from '../gateway.js';
import { createFlutterwave } from './flutterwave/flutterwave.js';
import { createHubtel } from './hubtel/hubtel.js';
import { createMonnify } from './monnify/monnify.js';
import { createMtnMomo } from './mtn_momo/mtn-momo.js';
import { createOrangeMoney } from './orange_money/orange-money.js';
import { createPaystack } from './paystack/paystack.js';
import { createWave } from './wave/wave.js';
import type { World } from './world.js';

/** The gateways there are. Their order gives their ports, so that a new one goes to the end. */
export function createGateways(world: World): Gateway[] {
  return [
    createPaystack(world),
    createFlutterwave(world),
    createMtnMomo(world),
    createMonnify(world),
    createWave(world),
    createHubtel(world),
    createOrangeMoney(world),
  ];
}
