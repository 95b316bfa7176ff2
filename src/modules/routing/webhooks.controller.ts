import { Controller, Headers, HttpCode, Param, Post, Put } from '@nestjs/common';
import { PublicApi } from '../../kernel/access/access.js';
import { Prioritised } from '../../kernel/admission/priority.js';
import { RawBody } from '../../kernel/http/validated.js';
import { Routing } from './routing.js';

type HeaderMap = Record<string, string | string[] | undefined>;

/** Where gateways call. Public: the adapter of the gateway says whether a request is genuine. */
@Controller('webhooks')
@PublicApi()
export class WebhooksController {
  constructor(private readonly routing: Routing) {}

  @Prioritised('webhook')
  @Post(':gateway/:account')
  @HttpCode(200)
  post(
    @Param('gateway') gateway: string,
    @Param('account') account: string,
    @Headers() headers: HeaderMap,
    @RawBody() rawBody: Buffer,
  ): Promise<object> {
    return this.receive('POST', gateway, account, headers, rawBody);
  }

  /** MTN MoMo calls back with PUT. */
  @Prioritised('webhook')
  @Put(':gateway/:account')
  @HttpCode(200)
  put(
    @Param('gateway') gateway: string,
    @Param('account') account: string,
    @Headers() headers: HeaderMap,
    @RawBody() rawBody: Buffer,
  ): Promise<object> {
    return this.receive('PUT', gateway, account, headers, rawBody);
  }

  private async receive(
    method: string,
    gateway: string,
    account: string,
    headers: HeaderMap,
    rawBody: Buffer,
  ): Promise<object> {
    await this.routing.webhooks.receive(gateway, account, { method, headers, rawBody });
    return {};
  }
}
