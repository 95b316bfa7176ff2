import { Controller, Get, Header, Headers, HttpCode, Param, Post, Put } from '@nestjs/common';
import { PublicApi } from '../../kernel/access/access.js';
import { Prioritised } from '../../kernel/admission/priority.js';
import { RawBody } from '../../kernel/http/validated.js';
import { Routing } from './routing.js';

type HeaderMap = Record<string, string | string[] | undefined>;

/** What a customer sees who comes back from a gateway's page to an account that names no page of its own (`return_url`). It says nothing of the payment. */
const BACK_AGAIN = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Thank you</title><p>Thank you. You can close this page and go back to where you came from.</p></html>
`;

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

  /** Where a gateway sends the customer's browser afterwards, whatever became of the payment. */
  @Get(':gateway/:account')
  @Header('content-type', 'text/html; charset=utf-8')
  backAgain(): string {
    return BACK_AGAIN;
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
