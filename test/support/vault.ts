/** Opens what the programs that tests start seal, and the other way round: in the same folder, outside production, all have the same key. */
import { readEnv } from '../../src/config/env.js';
import { Vault } from '../../src/kernel/secrets/vault.js';

export const testVault = new Vault(readEnv({ NODE_ENV: 'test' }));
