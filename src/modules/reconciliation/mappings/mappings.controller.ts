import { Controller, Get, Param, Post } from '@nestjs/common';
import { IsObject, IsOptional, Matches } from 'class-validator';
import { AdminApi, CurrentAdmin } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidBody } from '../../../kernel/http/validated.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { mappingAnswer, mappingsAnswer } from './mapping.answers.js';
import { shownMapping, shownMappingInFull } from './mapping.views.js';
import { everyMapping, mappingOf, saveMapping } from './mappings.js';

export class SaveMappingBody {
  /** Whose export it reads, as gateways are called elsewhere; left out for a bank's. */
  @IsOptional()
  @Matches(/^[a-z][a-z0-9_]{0,63}$/)
  gateway?: string;

  /** As `GET mappings/:id` shows it. Its `id` is what versions are of. */
  @IsObject()
  mapping!: Record<string, unknown>;
}

/** How exports are read, as data. For operators. */
@Controller('admin/v1/reconciliation/mappings')
@AdminApi('reconciliation')
export class MappingsController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('reconciliation');
  }

  @Get()
  @Answers({ 200: { description: 'All of them', schema: mappingsAnswer } })
  @Described("The newest version of each of the house's own mappings, and those that are shipped.")
  async list(): Promise<Page<unknown>> {
    const known = await everyMapping(this.database);
    return { object: 'list', data: known.map(shownMapping), has_more: false };
  }

  @Get(':id')
  @Answers({ 200: { description: 'As it stands', schema: mappingAnswer } })
  @Described('One mapping in full; `our_export` is its newest version, `our_export@2` the second.')
  async mapping(@Param('id') id: string): Promise<Record<string, unknown>> {
    return shownMappingInFull(await mappingOf(this.database, id));
  }

  @Post()
  @Answers({ 201: { description: 'The version that it is', schema: mappingAnswer } })
  @Described(
    'Saves a version of an own mapping.',
    'Versions never change. What is the same as the newest version is that version. A preview shows which mappings fit a file.',
  )
  async save(
    @CurrentAdmin() admin: AdminPrincipal,
    @ValidBody(SaveMappingBody) body: SaveMappingBody,
  ): Promise<Record<string, unknown>> {
    const saved = await saveMapping(this.database, {
      gateway: body.gateway ?? null,
      mapping: body.mapping,
      createdBy: admin.id,
    });
    return shownMappingInFull(saved);
  }
}
