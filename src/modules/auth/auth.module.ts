import { Module } from '@nestjs/common';
import { AuthStore } from './auth.store.js';
import { CreateApiKey } from './create-api-key.js';
import { CreateMerchant } from './create-merchant.js';
import { MerchantsController } from './merchants.controller.js';
import { RevokeApiKey } from './revoke-api-key.js';
import { RollApiKey } from './roll-api-key.js';

/** Merchants and keys. It consumes no events; the kernel's access projection consumes its own. */
@Module({
  controllers: [MerchantsController],
  providers: [AuthStore, CreateMerchant, CreateApiKey, RollApiKey, RevokeApiKey],
})
export class AuthModule {}
