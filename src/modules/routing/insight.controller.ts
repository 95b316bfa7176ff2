import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IsBoolean, IsIn, IsInt, IsObject, IsOptional, Max, Min } from 'class-validator';
import { z } from 'zod';
import { customer, paymentMethod, payoutDestination } from '../../contracts/shared.js';
import { AdminApi, Needs } from '../../kernel/access/access.js';
import { Databases } from '../../kernel/database/databases.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { Answers } from '../../kernel/http/answers.js';
import { Described } from '../../kernel/http/described.js';
import { ValidBody } from '../../kernel/http/validated.js';
import { decodeId } from '../../kernel/ids/ids.js';
import { CURRENCIES } from '../../kernel/money/money.js';
import { MAX_RECORDS, runBacktest, type BacktestResult } from './backtest/run-backtest.js';
import { shownBacktest } from './backtest/show-backtest.js';
import { distributionOver } from './choose-account.js';
import { byPreference } from './gateway-accounts.js';
import { candidatesFor } from './plan-attempt.js';
import { payoutCandidates, payoutDistribution } from './plan-disbursement.js';
import type { ToRoute } from './routable.js';
import { routableKind, type RoutableKind } from './routable-kind.js';
import { routingHealthAnswer } from './gateways.answers.js';
import { findRouted } from './routing-admin.store.js';
import { shownHealth, shownRouted } from './routing.views.js';
import { Routing } from './routing.js';
import { explainedAnswer, routedAnswer } from './rules.answers.js';
import { MAX_VERSION } from './rules.controller.js';
import type { Policy } from './rules/policy.js';
import { readData } from '../../kernel/http/read-data.js';
import { simulate, type Simulation } from './simulate.js';

const common = {
  merchant_id: z.string().transform((id, context) => {
    const uuid = decodeId('merchant', id);
    if (uuid === undefined) context.addIssue({ code: 'custom', message: 'no id of a merchant' });
    return uuid ?? '';
  }),
  livemode: z.boolean(),
  amount: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  currency: z.enum(CURRENCIES),
  metadata: z.record(z.string(), z.string()).optional(),
};
const payment = z.strictObject({ ...common, method: paymentMethod, customer: customer.optional() });
const payout = z.strictObject({ ...common, destination: payoutDestination });

class RulesAskedBody {
  /** A stored rule set (0: none, by priority). Neither this nor `content`: the one in force. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_VERSION)
  version?: number;

  /** A rule set that is not stored. */
  @IsOptional()
  @IsObject()
  content?: Record<string, unknown>;
}

export class SimulateBody extends RulesAskedBody {
  /** `{merchant_id, livemode, amount, currency, method, customer?, metadata?}`: as a merchant would send it. Either this or `payout`. */
  @IsOptional()
  @IsObject()
  payment?: Record<string, unknown>;

  /** `{merchant_id, livemode, amount, currency, destination, metadata?}`: as a merchant would send it. */
  @IsOptional()
  @IsObject()
  payout?: Record<string, unknown>;
}

/** Records are kept longer, but gateways of a quarter of a year ago say little about today's. */
const MAX_DAYS = 92;
const DAY_MS = 86_400_000;

export class BacktestBody extends RulesAskedBody {
  @IsInt()
  @Min(1)
  @Max(MAX_DAYS)
  days!: number;

  @IsBoolean()
  livemode!: boolean;

  /** Not given: payments. */
  @IsOptional()
  @IsIn(routableKind.options)
  kind?: RoutableKind;

  /** How many attempts are read at most, the newest. */
  @IsOptional()
  @IsInt()
  @Min(1_000)
  @Max(MAX_RECORDS)
  max_attempts?: number;
}

/** What routing knows, and what it would do: for operators. Nothing here changes anything. */
@Controller('admin/v1/routing')
@AdminApi('routing')
export class InsightController {
  private running = false;

  constructor(
    private readonly routing: Routing,
    private readonly databases: Databases,
  ) {}

  @Get('health')
  @Answers({ 200: { description: 'What is believed now', schema: routingHealthAnswer } })
  @Described(
    'What is believed of every network at every gateway account, who is shut out, what calls take, and which rules are in force.',
  )
  async health(): Promise<Record<string, unknown>> {
    const { routing } = this;
    await Promise.all([routing.evidence.catchUp(), routing.policy.refresh()]);
    return shownHealth(routing, await routing.accounts.all(), routing.policy.current());
  }

  @Get('payments/:id')
  @Answers({ 200: { description: 'As it stands', schema: routedAnswer } })
  @Described('How a payment was routed: its attempts, and why each went where it went.')
  async payment(@Param('id') id: string): Promise<Record<string, unknown>> {
    const uuid = decodeId('payment', id);
    const found = uuid === undefined ? undefined : await findRouted(this.databases.of('routing'), 'payment', uuid);
    if (found === undefined) throw new DomainError('payment.not_found');
    return shownRouted(found, await this.routing.accounts.all());
  }

  @Get('payouts/:id')
  @Answers({ 200: { description: 'As it stands', schema: routedAnswer } })
  @Described('How a payout was routed: its attempts, and why each went where it went.')
  async payout(@Param('id') id: string): Promise<Record<string, unknown>> {
    const uuid = decodeId('payout', id);
    const found = uuid === undefined ? undefined : await findRouted(this.databases.of('routing'), 'payout', uuid);
    if (found === undefined) throw new DomainError('payout.not_found');
    return shownRouted(found, await this.routing.accounts.all());
  }

  @Needs('read')
  @Post('simulate')
  @HttpCode(200)
  @Answers({ 200: { description: 'What would be done, and why', schema: explainedAnswer } })
  @Described(
    'What would be done with a payment or a payout now, and why: with the rules in force, or with others. Nothing is stored and nothing is sent; for a payout, gateways are asked for balances that are not known.',
  )
  async simulate(@ValidBody(SimulateBody) body: SimulateBody): Promise<Record<string, unknown>> {
    const { routing } = this;
    const toRoute = toRouteOf(body);
    const asked = await routing.ruleSets.asked(body);
    await Promise.all([routing.evidence.catchUp(), routing.policy.refresh()]);
    const accounts = await routing.accounts.all();
    const current = routing.policy.current();
    const policy = asked === undefined ? current : { ...current, version: asked.version ?? 0, matcher: asked.matcher };
    return simulate({
      policy,
      version: asked === undefined ? current.version : asked.version,
      isActive: asked === undefined || asked.version === current.version,
      toRoute,
      accounts,
      usable: routing.accounts.usableFor(toRoute.merchantId, toRoute.livemode),
      ...(await this.outlook(policy, toRoute)),
    });
  }

  /** What a choice would be made by. */
  private async outlook(
    policy: Policy,
    toRoute: ToRoute,
  ): Promise<Pick<Simulation, 'able' | 'distribution' | 'isNetworkDown' | 'floats'>> {
    const { accounts, adapters, breakers, disbursementBreakers, floats, payments } = this.routing;
    const accountsFor = (merchantId: string, livemode: boolean) => accounts.usableFor(merchantId, livemode);
    const now = new Date();
    if (toRoute.kind === 'payout') {
      const able = payoutCandidates({ adapters, accountsFor }, toRoute, []);
      await floats.catchUp(able.map(({ id }) => id));
      const planning = { adapters, accountsFor, floats, breakers: disbursementBreakers };
      return {
        able,
        distribution: payoutDistribution(planning, policy, toRoute, [], now),
        isNetworkDown: (network) => disbursementBreakers.isNetworkDown(network),
        floats: floats.known().filter(({ currency }) => currency === toRoute.currency),
      };
    }
    const able = candidatesFor({ adapters, accountsFor }, toRoute, []);
    const sendsSoon = (accountId: string): boolean => payments.sender.sendsSoon(accountId);
    return {
      able,
      distribution: distributionOver(breakers, {
        policy,
        toRoute,
        accounts: able,
        tried: new Set(),
        nowMs: now.getTime(),
        sendsSoon,
      }),
      isNetworkDown: (network) => breakers.isNetworkDown(network),
      floats: [],
    };
  }

  @Needs('read')
  @Post('backtest')
  @HttpCode(200)
  @Answers({ 200: { description: 'What would have become of it', schema: explainedAnswer } })
  @Described(
    'What would have become of the recorded first attempts at payments, or at payouts, under other rules: success and cost, with how sure that is.',
  )
  async backtest(@ValidBody(BacktestBody) body: BacktestBody): Promise<Record<string, unknown>> {
    const { kind = 'payment' } = body;
    const asked = await this.routing.ruleSets.asked(body);
    await this.routing.policy.refresh();
    const current = this.routing.policy.current();
    const rules = asked ?? { version: current.version, matcher: current.matcher };
    const until = new Date();
    const from = new Date(until.getTime() - body.days * DAY_MS);
    const result = await this.alone(async () => {
      const accounts = await this.routing.accounts.all();
      const byId = new Map(accounts.map((account) => [account.id, account]));
      const places = new Map(accounts.toSorted(byPreference).map(({ id }, index) => [id, index]));
      return runBacktest(this.databases.of('routing'), {
        matcher: rules.matcher,
        accounts: { get: (id) => byId.get(id), placeOf: (id) => places.get(id) ?? places.size },
        kind,
        livemode: body.livemode,
        from,
        until,
        maxRecords: body.max_attempts ?? MAX_RECORDS,
      });
    });
    return {
      ...shownBacktest(result, kind),
      kind,
      livemode: body.livemode,
      rule_set: { version: rules.version },
      until: until.toISOString(),
    };
  }

  private async alone(work: () => Promise<BacktestResult>): Promise<BacktestResult> {
    if (this.running) throw new DomainError('backtest.running', { retryAfterSeconds: 3 });
    this.running = true;
    try {
      return await work();
    } finally {
      this.running = false;
    }
  }
}

/** @throws {DomainError} `request.invalid` */
function toRouteOf(body: SimulateBody): ToRoute {
  if ((body.payment === undefined) === (body.payout === undefined))
    throw new DomainError('request.invalid', {
      errors: [{ pointer: '/payment', code: 'conflict', detail: 'give either a payment or a payout' }],
    });
  const routed = <
    Given extends { merchant_id: string; amount: number; metadata?: Record<string, string> | undefined },
  >({
    merchant_id: merchantId,
    amount,
    metadata,
    ...rest
  }: Given) => ({ ...rest, merchantId, amountMinor: BigInt(amount), metadata: metadata ?? {} });
  if (body.payout !== undefined) return { kind: 'payout', ...routed(readData(payout, body.payout, '/payout')) };
  const { customer: payer, ...rest } = routed(readData(payment, body.payment, '/payment'));
  return { kind: 'payment', customer: payer ?? {}, ...rest };
}
