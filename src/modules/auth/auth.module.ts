import { Inject, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { assertMasterKeys } from '../../kernel/secrets/master-keys.js';
import { AdminsStore } from './admins/admins.store.js';
import { Invitations } from './admins/invitations.js';
import { InvitationsStore } from './admins/invitations.store.js';
import { OwnAccount } from './admins/own-account.js';
import { RolesStore } from './admins/roles.store.js';
import { SecondFactor } from './admins/second-factor.js';
import { SecondFactorStore } from './admins/second-factor.store.js';
import { SessionController } from './admins/session.controller.js';
import { Sessions } from './admins/sessions.js';
import { SessionsStore } from './admins/sessions.store.js';
import { SignIn } from './admins/sign-in.js';
import { TeamController } from './admins/team.controller.js';
import { Team } from './admins/team.js';
import { Throttle } from './admins/throttle.js';
import { ThrottleStore } from './admins/throttle.store.js';
import { AuthStore } from './auth.store.js';
import { CreateApiKey } from './create-api-key.js';
import { CreateMerchant } from './create-merchant.js';
import { MerchantsController } from './merchants.controller.js';
import { RevokeApiKey } from './revoke-api-key.js';
import { RollApiKey } from './roll-api-key.js';

/** Merchants and keys; people who work here, their sessions and roles. It consumes no events; the kernel's access projection consumes its own. */
@Module({
  controllers: [MerchantsController, SessionController, TeamController],
  providers: [
    AuthStore,
    CreateMerchant,
    CreateApiKey,
    RollApiKey,
    RevokeApiKey,
    AdminsStore,
    RolesStore,
    SessionsStore,
    SecondFactorStore,
    InvitationsStore,
    ThrottleStore,
    Throttle,
    SecondFactor,
    Sessions,
    SignIn,
    OwnAccount,
    Invitations,
    Team,
  ],
})
export class AuthModule {
  constructor(@Inject(ENV) env: Env) {
    // Second factors are sealed under them: said at the start, not when somebody signs in.
    assertMasterKeys(env);
  }
}
