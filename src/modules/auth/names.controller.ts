import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { AdminApi, CurrentAdmin, EVERY_AREA } from '../../kernel/access/access.js';
import { isPermitted } from '../../kernel/access/permissions.js';
import type { AdminPrincipal } from '../../kernel/access/principal.js';
import { Answers, listOf } from '../../kernel/http/answers.js';
import { Described } from '../../kernel/http/described.js';
import { OfQuery, sortedIds } from '../../kernel/http/of-query.js';
import type { Page } from '../../kernel/http/pagination.js';
import { ValidQuery } from '../../kernel/http/validated.js';
import { encodeId } from '../../kernel/ids/ids.js';
import { AuthStore } from './auth.store.js';

interface NameView {
  readonly object: 'name';
  readonly id: string;
  readonly name: string;
}

const namesAnswer = listOf(
  z
    .object({ object: z.literal('name'), id: z.string(), name: z.string() })
    .meta({ id: 'Name' }) satisfies z.ZodType<NameView>,
);

/** What people read in the place of ids, which are all that other modules know of merchants and of their colleagues. */
@AdminApi(EVERY_AREA)
@Controller('admin/v1/names')
export class NamesController {
  constructor(private readonly store: AuthStore) {}

  @Get()
  @Answers({ 200: { description: 'Those there are', schema: namesAnswer } })
  @Described(
    'names of merchants and of people',
    'Of `mer_...` and `adm_...`. Merchants have none for whom may not read them.',
  )
  async list(
    @CurrentAdmin() { permissions }: AdminPrincipal,
    @ValidQuery(OfQuery) query: OfQuery,
  ): Promise<Page<NameView>> {
    const { merchant, admin } = sortedIds(query, ['merchant', 'admin']);
    const mayReadMerchants = isPermitted(permissions, 'merchants', 'read');
    const found = await this.store.namesOf({ merchant: mayReadMerchants ? merchant : [], admin });
    const data = found.map(({ kind, id, name }): NameView => ({ object: 'name', id: encodeId(kind, id), name }));
    return { object: 'list', data, has_more: false };
  }
}
