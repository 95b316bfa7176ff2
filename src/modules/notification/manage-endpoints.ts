import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { EndpointSecrets } from './endpoint-secrets.js';
import { FIRST_GENERATION } from './endpoint-secrets.store.js';
import { EndpointsStore, type EndpointRow, type Owner } from './endpoints.store.js';
import { AddressNotAllowedError, NameNotResolvedError, SsrfGuard } from './ssrf-guard.js';
import { newSecret } from './webhook-signature.js';

/** Every event is sent to each, so the number multiplies our work per payment; others allow 10 to 16. */
const MAX_ENDPOINTS = 16;

export interface EndpointWithSecret {
  readonly endpoint: EndpointRow;
  readonly secret: string;
}

/** What merchants do with their endpoints. Whatever is not theirs does not exist for them. */
@Injectable()
export class ManageEndpoints {
  private readonly guard: SsrfGuard;

  constructor(
    @Inject(ENV) env: Env,
    private readonly store: EndpointsStore,
    private readonly secrets: EndpointSecrets,
  ) {
    this.guard = new SsrfGuard({ allowPrivate: env.webhookAllowPrivate });
  }

  /** @throws {DomainError} `webhook_endpoint.url_not_allowed`, `webhook_endpoint.too_many` */
  async create(
    owner: Owner,
    wanted: { readonly url: string; readonly description: string | null; readonly events: readonly string[] },
  ): Promise<EndpointWithSecret> {
    const url = await this.vettedUrl(wanted.url);
    const [id, secret] = [newUuid(), newSecret()];
    const place = { merchantId: owner.merchantId, endpointId: id, generation: FIRST_GENERATION };
    const endpoint = await this.store.insert(
      owner,
      { ...wanted, id, url, events: [...new Set(wanted.events)], secret: await this.secrets.seal(place, secret) },
      MAX_ENDPOINTS,
    );
    if (endpoint === undefined)
      throw new DomainError('webhook_endpoint.too_many', {
        detail: `A merchant may have ${MAX_ENDPOINTS} in each mode.`,
      });
    return { endpoint, secret };
  }

  async remove(owner: Owner, id: string): Promise<void> {
    if (!(await this.store.remove(owner, id))) throw new DomainError('webhook_endpoint.not_found');
  }

  async enable(owner: Owner, id: string): Promise<EndpointRow> {
    return orNotFound(await this.store.enable(owner, id));
  }

  async rollSecret(owner: Owner, id: string): Promise<EndpointWithSecret> {
    const secret = newSecret();
    const place = { merchantId: owner.merchantId, endpointId: id };
    const endpoint = await this.store.rollSecret(owner, id, (generation) =>
      this.secrets.seal({ ...place, generation }, secret),
    );
    return { endpoint: orNotFound(endpoint), secret };
  }

  /**
   * A wrong address is better refused now than found out in five days of failures. A resolver that does not answer at the
   * moment refuses nothing: the address is judged again whenever a connection is opened.
   */
  private async vettedUrl(text: string): Promise<string> {
    try {
      const url = this.guard.checkUrl(text);
      // Never sent in a request; keeping it would only make two addresses of one.
      url.hash = '';
      await this.guard.vet(url.hostname).catch((error: unknown) => {
        if (error instanceof NameNotResolvedError && !error.permanent) return;
        throw error;
      });
      return url.href;
    } catch (error) {
      if (error instanceof AddressNotAllowedError) throw notAllowed(error.refusal);
      if (error instanceof NameNotResolvedError) throw notAllowed('unknown_host');
      throw error;
    }
  }
}

function notAllowed(code: string): DomainError {
  return new DomainError('webhook_endpoint.url_not_allowed', { errors: [{ pointer: '/url', code }] });
}

function orNotFound(endpoint: EndpointRow | undefined): EndpointRow {
  if (endpoint === undefined) throw new DomainError('webhook_endpoint.not_found');
  return endpoint;
}
