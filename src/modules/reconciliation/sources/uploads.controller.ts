import { Controller, HttpCode, HttpStatus, Post, Req, Res } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsRFC3339, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminApi, CurrentAdmin } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import type { Database } from '../../../kernel/database/database.js';
import { databaseNow } from '../../../kernel/database/database-now.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { IsReadable } from '../../../kernel/http/fields.js';
import { BodyStream, StreamedBody, type StreamedBodyLimits } from '../../../kernel/http/streamed-bodies.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { MAX_ACCOUNT_LENGTH } from '../bank/bank-line.js';
import { MAX_BYTES, type ByteSource } from '../files/index.js';
import { invalidParameter, uuidOf } from '../list-parts.js';
import type { RecordKind } from '../records/record.js';
import type { KnownAccount } from '../runs/runs.store.js';
import { publishSource } from './publish-source.js';
import { previewAnswer, sourceAnswer } from './source.answers.js';
import { shownInspection, shownSourceInFull } from './source.views.js';
import { runsOfSource } from './sources.store.js';
import { UploadPlaces } from './upload-places.js';
import { accountOfFile, mustFindSource, previewFile, takeUpload, windowOf, type FileToTake } from './uploads.js';

const MAX_ID = 64;
const MAX_NAME = 300;
const MAX_MAPPING_ID = 80;
const MAX_PREVIEW_ROWS = 100;

/** A hundred megabytes over a line of a megabit or so. */
const UPLOAD_TIMEOUT_MS = 15 * 60_000;
/** Whoever pauses for longer has gone. */
const UPLOAD_STALL_MS = 60_000;
const FILES: StreamedBodyLimits = {
  types: ['text/csv', 'application/xml', 'text/xml', 'application/octet-stream'],
  maxBytes: MAX_BYTES,
  timeoutMs: UPLOAD_TIMEOUT_MS,
  stallMs: UPLOAD_STALL_MS,
};
/** How long a caller waits for what is sealed to become visible: well within the minute for which balancers keep a silent connection. */
const PUBLISH_WAIT_MS = 20_000;

class FileQuery {
  /** `file`: a gateway's own export. `bank`: a bank's statement, in CSV or camt.053. */
  @IsOptional()
  @IsIn(['file', 'bank'])
  kind: 'file' | 'bank' = 'file';

  /** `gwa_...`; of a gateway's file. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  gateway_account?: string;

  /** `paystack`, `our_export`, or a version of it: `our_export@2`. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_MAPPING_ID)
  mapping?: string;
}

export class PreviewQuery extends FileQuery {
  /** Rows shown. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(1)
  @Max(MAX_PREVIEW_ROWS)
  rows?: number;
}

export class UploadQuery extends FileQuery {
  /** The file's name, for people. */
  @IsOptional()
  @IsReadable()
  @MaxLength(MAX_NAME)
  name?: string;

  /** The file has everything from here on, inclusive. With `to`; without both: from its first line to its last. */
  @IsOptional()
  @IsRFC3339()
  from?: string;

  /** Exclusive. */
  @IsOptional()
  @IsRFC3339()
  to?: string;

  /** When the file was made, if not now: what a later source says counts more. */
  @IsOptional()
  @IsRFC3339()
  as_of?: string;

  /** Of what it has everything: `payment`, `refund`, `payout`, separated by commas. Without: of the kinds that it has lines of. */
  @IsOptional()
  @Matches(/^(payment|refund|payout)(,(payment|refund|payout)){0,2}$/)
  covers?: string;

  /** IBAN or number; of a statement that does not say it. */
  @IsOptional()
  @IsReadable()
  @MaxLength(MAX_ACCOUNT_LENGTH)
  bank_account?: string;

  /** Of a statement. Default: true. */
  @IsOptional()
  @IsIn(['true', 'false'])
  livemode?: string;
}

/** Files of gateways and banks, as they are: the body is the file. For operators, and for whoever works for them by the clock. */
@Controller('admin/v1/reconciliation/sources')
@AdminApi('reconciliation')
export class UploadsController {
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly places: UploadPlaces,
  ) {
    this.database = databases.of('reconciliation');
  }

  @Post()
  @Answers({
    201: { description: 'It was taken', schema: sourceAnswer },
    202: { description: 'It was taken, and the last of its lines are becoming visible', schema: sourceAnswer },
  })
  @StreamedBody(FILES, 'export')
  @Described(
    "Takes in a gateway's file, or a bank's statement, whole or not at all.",
    'The body is the file, up to 256 MB. Where anything is wrong with it nothing of it is kept, and `errors` says what, by line and column. A gateway file begins the runs that compare what it covers: `runs`. The same bytes again are 409, with the `source` that they became. 202: it is whole, and the last of its lines are becoming visible.',
  )
  async upload(
    @CurrentAdmin() admin: AdminPrincipal,
    @ValidQuery(UploadQuery) query: UploadQuery,
    @BodyStream() body: ByteSource,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Record<string, unknown>> {
    const file = await this.fileOf(query, admin.id);
    return this.places.take(body, async (bytes) => {
      // How long this takes is the sender's doing, and says nothing about how busy we are.
      request.ticket?.park();
      const id = await takeUpload(this.database, bytes, file);
      const isVisible = await publishSource(this.database, id, performance.now() + PUBLISH_WAIT_MS);
      reply.status(isVisible ? HttpStatus.CREATED : HttpStatus.ACCEPTED);
      const source = await mustFindSource(this.database, id);
      return shownSourceInFull(source, await runsOfSource(this.database, id));
    });
  }

  @Post('preview')
  @HttpCode(HttpStatus.OK)
  @Answers({ 200: { description: 'How it would be read', schema: previewAnswer } })
  @StreamedBody(FILES, 'export')
  @Described(
    'Shows how a file would be read, and what is wrong with its first rows.',
    'Looks at the first 64 KB alone, and keeps nothing. `fits` are all mappings that could be meant, the best first. Of a longer file it is enough to send the first 128 KB.',
  )
  async preview(
    @ValidQuery(PreviewQuery) query: PreviewQuery,
    @BodyStream() body: ByteSource,
  ): Promise<Record<string, unknown>> {
    const account = await this.accountOf(query);
    const inspection = await this.places.take(body, (bytes) =>
      previewFile(this.database, bytes, {
        gateway: account?.gateway ?? null,
        mapping: query.mapping,
        rows: query.rows,
      }),
    );
    return shownInspection(inspection);
  }

  private async accountOf(query: FileQuery): Promise<KnownAccount | undefined> {
    const id = uuidOf('gatewayAccount', 'gateway_account', query.gateway_account);
    if ((id === null) !== (query.kind === 'bank'))
      throw invalidParameter('gateway_account', id === null ? 'missing' : 'not_of_a_bank');
    return id === null ? undefined : accountOfFile(this.database, id);
  }

  private async fileOf(query: UploadQuery, requestedBy: string): Promise<FileToTake> {
    const moment = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
    const common = {
      name: query.name ?? 'upload',
      mapping: query.mapping,
      asOf: moment(query.as_of) ?? null,
      requestedBy,
    };
    if (common.asOf !== null && common.asOf > (await databaseNow(this.database)))
      throw invalidParameter('as_of', 'in_the_future');
    const account = await this.accountOf(query);
    if (account === undefined) {
      for (const name of ['from', 'to', 'covers'] as const)
        if (query[name] !== undefined) throw invalidParameter(name, 'not_of_a_bank');
      return { kind: 'bank', ...common, account: query.bank_account, livemode: query.livemode !== 'false' };
    }
    for (const name of ['bank_account', 'livemode'] as const)
      if (query[name] !== undefined) throw invalidParameter(name, 'of_a_bank_only');
    return {
      kind: 'file',
      ...common,
      account,
      window: windowOf(moment(query.from), moment(query.to)),
      covers: query.covers === undefined ? undefined : [...new Set(query.covers.split(',') as RecordKind[])],
    };
  }
}
