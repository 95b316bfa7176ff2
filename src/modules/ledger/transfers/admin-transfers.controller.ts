import { Controller, Get, Param } from '@nestjs/common';
import { AdminApi } from '../../../kernel/access/access.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { adminTransferAnswer, viewBookedTransfer, type AdminTransferView } from './admin-transfer.views.js';
import { findTransfer } from './admin-transfers.store.js';

/** Any transfer, for operators. */
@AdminApi('ledger')
@Controller('admin/v1/ledger/transfers')
export class AdminTransfersController {
  constructor(private readonly databases: Databases) {}

  @Get(':id')
  @Answers({ 200: { description: 'The transfer', schema: adminTransferAnswer } })
  @Described('a transfer of anybody, with what it did to both accounts')
  async read(@Param('id') id: string): Promise<AdminTransferView> {
    const uuid = decodeId('transfer', id);
    const found = uuid === undefined ? undefined : await findTransfer(this.databases.of('ledger'), uuid);
    if (found === undefined) throw new DomainError('ledger.transfer_not_found');
    return viewBookedTransfer(found);
  }
}
