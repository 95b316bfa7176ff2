import { Controller, Delete, Get, Inject, Param, Put, Req } from '@nestjs/common';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { AdminApi, Needs } from '../../../kernel/access/access.js';
import { LIMIT_BOUNDS } from '../../../kernel/admission/own-limits.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidBody } from '../../../kernel/http/validated.js';
import { ENV } from '../../../kernel/kernel.tokens.js';
import { AuthStore } from '../auth.store.js';
import { merchantUuid } from '../auth.views.js';
import { merchantLimitsAnswer, viewMerchantLimits, type MerchantLimitsView } from './merchant-limits.answers.js';
import { MerchantLimitsStore, type MerchantLimitsRow } from './merchant-limits.store.js';
import { NO_LIMITS, SetMerchantLimits, type DefaultLimits, type Limits } from './set-merchant-limits.js';

const { ratePerSecond, burst, maxInFlight } = LIMIT_BOUNDS;
const message = ({ property }: { readonly property: string }): string =>
  `${property} must not be less than 1: a limit is no way to shut a merchant out. Revoke its keys, which is told as 401.`;

/** What is left out, or null, is as the settings have it. */
export class MerchantLimitsBody {
  @IsOptional()
  @IsInt()
  @Min(ratePerSecond.min, { message })
  @Max(ratePerSecond.max)
  rate_per_second?: number | null;

  /** At least a tenth of what the rate brings in a second. */
  @IsOptional()
  @IsInt()
  @Min(burst.min, { message })
  @Max(burst.max)
  burst?: number | null;

  @IsOptional()
  @IsInt()
  @Min(maxInFlight.min, { message })
  @Max(maxInFlight.max)
  max_in_flight?: number | null;
}

interface RequestWithId {
  readonly id: string;
}

/** What a merchant may send, where it is not what all may. */
@AdminApi('merchants')
@Controller('admin/v1/merchants/:id/limits')
export class MerchantLimitsController {
  constructor(
    private readonly merchants: AuthStore,
    private readonly store: MerchantLimitsStore,
    private readonly setLimits: SetMerchantLimits,
    @Inject(ENV) private readonly defaults: DefaultLimits,
  ) {}

  @Get()
  @Described('read what a merchant may send')
  @Answers({ 200: { description: 'Its limits, and those of all', schema: merchantLimitsAnswer } })
  async read(@Param('id') id: string): Promise<MerchantLimitsView> {
    const merchantId = merchantUuid(id);
    const [merchant, row] = await Promise.all([
      this.merchants.findMerchant(this.merchants.database, merchantId),
      this.store.find(merchantId),
    ]);
    if (merchant === undefined) throw new DomainError('merchant.not_found');
    return this.view(merchantId, row);
  }

  @Put()
  @Needs('authorise')
  @Described(
    'set what a merchant may send',
    'In each mode and process, all three anew. Every process goes by it within seconds. The least is 1: whoever wants to shut a merchant out revokes its keys.',
  )
  @Answers({ 200: { description: 'Its limits', schema: merchantLimitsAnswer } })
  set(
    @Req() request: RequestWithId,
    @Param('id') id: string,
    @ValidBody(MerchantLimitsBody) body: MerchantLimitsBody,
  ): Promise<MerchantLimitsView> {
    return this.change(request, id, {
      ratePerSecond: body.rate_per_second ?? null,
      burst: body.burst ?? null,
      maxInFlight: body.max_in_flight ?? null,
    });
  }

  @Delete()
  @Needs('authorise')
  @Described('let a merchant send what all may')
  @Answers({ 200: { description: 'Its limits: none of its own', schema: merchantLimitsAnswer } })
  lift(@Req() request: RequestWithId, @Param('id') id: string): Promise<MerchantLimitsView> {
    return this.change(request, id, NO_LIMITS);
  }

  private async change({ id: correlationId }: RequestWithId, id: string, limits: Limits): Promise<MerchantLimitsView> {
    const merchantId = merchantUuid(id);
    return this.view(merchantId, await this.setLimits.execute({ merchantId, limits, correlationId }));
  }

  private view(merchantId: string, row: MerchantLimitsRow | undefined): MerchantLimitsView {
    return viewMerchantLimits(merchantId, row, this.defaults);
  }
}
