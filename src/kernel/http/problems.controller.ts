import { Controller, Get, Param } from '@nestjs/common';
import { PublicApi } from '../access/access.js';
import { DomainError } from '../errors/domain-error.js';
import { ERROR_REGISTRY, type ErrorCode } from '../errors/registry.js';

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_REGISTRY, code);

/** The pages that the `type` of a problem points at. */
@Controller('problems')
@PublicApi()
export class ProblemsController {
  @Get()
  list(): Record<string, unknown> {
    return {
      object: 'list',
      data: (Object.keys(ERROR_REGISTRY) as ErrorCode[]).map((code) => ({ code, ...ERROR_REGISTRY[code] })),
      has_more: false,
    };
  }

  @Get(':code')
  one(@Param('code') code: string): Record<string, unknown> {
    if (!isCode(code)) throw new DomainError('request.not_found');
    return { code, ...ERROR_REGISTRY[code] };
  }
}
