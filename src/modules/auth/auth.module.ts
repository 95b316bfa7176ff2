import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { keepApprovals, keepAudit, noteKeyUse } from '../../contracts/consumers.js';
import { Databases } from '../../kernel/database/databases.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
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
import { TeamRequests } from './admins/team-requests.js';
import { Team } from './admins/team.js';
import { Throttle } from './admins/throttle.js';
import { ThrottleStore } from './admins/throttle.store.js';
import { ApprovalsController } from './approvals/approvals.controller.js';
import { ApprovalsStore } from './approvals/approvals.store.js';
import { DecideApproval, OWN_WORKS } from './approvals/decide-approval.js';
import { KeepApprovals } from './approvals/keep-approvals.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditStore } from './audit/audit.store.js';
import { KeepAudit } from './audit/keep-audit.js';
import { AuthStore } from './auth.store.js';
import { CreateApiKey } from './create-api-key.js';
import { CreateMerchant } from './create-merchant.js';
import { MerchantLimitsController } from './limits/merchant-limits.controller.js';
import { MerchantLimitsStore } from './limits/merchant-limits.store.js';
import { SetMerchantLimits } from './limits/set-merchant-limits.js';
import { ChangeMembers } from './members/change-members.js';
import { MembersController } from './members/members.controller.js';
import { MembersStore } from './members/members.store.js';
import { MerchantsController } from './merchants.controller.js';
import { NamesController } from './names.controller.js';
import { NoteKeyUse } from './note-key-use.js';
import { RevokeApiKey } from './revoke-api-key.js';
import { RollApiKey } from './roll-api-key.js';

/**
 * Merchants and keys; people who work here, their sessions and roles. The log of what admins did is kept here, from
 * what the kernel and auth itself announce; the kernel's access projection consumes auth's events too.
 */
@Module({
  controllers: [
    MerchantsController,
    MerchantLimitsController,
    MembersController,
    SessionController,
    TeamController,
    ApprovalsController,
    AuditController,
    NamesController,
  ],
  providers: [
    AuthStore,
    CreateMerchant,
    CreateApiKey,
    RollApiKey,
    RevokeApiKey,
    MerchantLimitsStore,
    SetMerchantLimits,
    MembersStore,
    ChangeMembers,
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
    TeamRequests,
    { provide: OWN_WORKS, inject: [TeamRequests], useFactory: (requests: TeamRequests) => requests.works },
    ApprovalsStore,
    KeepApprovals,
    DecideApproval,
    AuditStore,
    KeepAudit,
    NoteKeyUse,
  ],
})
export class AuthModule implements OnModuleInit {
  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly databases: Databases,
    private readonly consumers: ConsumerRegistry,
    private readonly audit: KeepAudit,
    private readonly keyUse: NoteKeyUse,
    private readonly approvals: KeepApprovals,
  ) {}

  onModuleInit(): void {
    // Second factors are sealed under them: said at the start, not when somebody signs in.
    assertMasterKeys(this.env);
    this.consumers.register(keepAudit, this.databases.of('auth'), this.audit);
    this.consumers.register(noteKeyUse, this.databases.of('auth'), this.keyUse);
    this.consumers.register(keepApprovals, this.databases.of('auth'), this.approvals);
  }
}
