import { randomBytes } from 'node:crypto';
import type { Account } from '../../accounts.js';
import type { JsonObject } from '../../wire.js';

/** The products, each with credentials and tokens of its own: what opens one is refused by the other. */
export type Product = 'collection' | 'disbursement';

/** How long a token is good. Seconds. */
const LIFE_SECONDS = 3_600;

/** More tokens than any client holds at once; the oldest go first, as memory is bounded. */
const MAX_TOKENS = 10_000;

/** The access tokens handed out, with the account and the product each stands for. */
export class Tokens {
  private readonly live = new Map<string, { account: string; product: Product; expiresAt: number }>();

  issue(account: Account, product: Product): JsonObject {
    const lifeSeconds = Number(account.credentials['token_seconds'] ?? LIFE_SECONDS);
    const token = randomBytes(32).toString('hex');
    this.live.set(token, { account: account.name, product, expiresAt: Date.now() + lifeSeconds * 1_000 });
    if (this.live.size > MAX_TOKENS) {
      // A map keeps the order of insertion, so that the first key is the oldest token.
      for (const oldest of this.live.keys()) {
        this.live.delete(oldest);
        break;
      }
    }
    return { access_token: token, token_type: 'access_token', expires_in: lifeSeconds };
  }

  /** @returns the account's name and the product the token is for, or undefined for a token that is unknown or expired. */
  find(token: string): { account: string; product: Product } | undefined {
    const known = this.live.get(token);
    if (known === undefined) return undefined;
    if (known.expiresAt > Date.now()) return known;
    this.live.delete(token);
    return undefined;
  }
}
