import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import type { KeyedAnswer } from '../../../kernel/idempotency/keyed-answer.js';
import { KeyedAnswers, type KeyedRequest } from '../keyed-answers.js';
import { viewAccount } from './account.views.js';
import type { AccountRow, Owner } from './accounts.store.js';
import type { DescribeAccountDto, OpenAccountDto } from './client-account.dto.js';
import {
  changeAccountState,
  describeClientAccount,
  openClientAccount,
  type NewClientAccount,
  type StateChange,
} from './client-accounts.store.js';

/** Merchants' own accounts. */
@Injectable()
export class ClientAccounts {
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly answers: KeyedAnswers,
  ) {
    this.database = databases.of('ledger');
  }

  /** @throws {DomainError} `ledger.duplicate_code`, and the `idempotency.*` codes */
  open(request: KeyedRequest, body: OpenAccountDto): Promise<KeyedAnswer> {
    const account: NewClientAccount = {
      id: newUuid(),
      code: body.code,
      name: body.name,
      currency: body.currency,
      normalSide: body.normal_side,
      limitMode: body.limit_mode ?? 'none',
      metadata: body.metadata ?? {},
    };
    return this.answers.execute(request, async (tx) => {
      const opening = await openClientAccount(tx, request.merchant, account);
      if ('known' in opening)
        throw new DomainError('ledger.duplicate_code', { members: { account_id: encodeId('account', opening.known) } });
      const row = freshRow(request.merchant, account, opening.createdAt);
      return { resourceId: account.id, resource: viewAccount(row) };
    });
  }

  /** @throws {DomainError} `ledger.system_account` */
  async describe(owner: Owner, account: AccountRow, change: DescribeAccountDto): Promise<void> {
    assertOwn(account);
    await describeClientAccount(this.database, owner, account.id, change);
  }

  /** @throws {DomainError} `ledger.system_account` for a merchant, and why it cannot be changed */
  async change(account: AccountRow, change: Omit<StateChange, 'accountId'>): Promise<void> {
    if (change.actor === 'merchant') assertOwn(account);
    const outcome = await changeAccountState(this.database, { ...change, accountId: account.id });
    if (outcome === 'missing') throw new DomainError('ledger.account_not_found');
    if (outcome === 'closed') throw new DomainError('ledger.account_closed');
    if (outcome === 'not_empty') throw new DomainError('ledger.account_not_empty');
    if (outcome === 'not_theirs') throw new DomainError('ledger.account_held_by_operator');
  }
}

function assertOwn({ kind }: AccountRow): void {
  if (kind !== 'client') throw new DomainError('ledger.system_account');
}

function freshRow(owner: Owner, account: NewClientAccount, createdAt: Date): AccountRow {
  return {
    ...account,
    merchantId: owner.merchantId,
    livemode: owner.livemode,
    kind: 'client',
    qualifier: account.code,
    debitsPosted: 0n,
    creditsPosted: 0n,
    debitsPending: 0n,
    creditsPending: 0n,
    createdAt,
    state: 'open',
    reason: null,
    actor: null,
    changedAt: null,
  };
}
