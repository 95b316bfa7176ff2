import { randomBytes } from 'node:crypto';
import type { Account } from './accounts.js';

/** More tokens than any client holds at once; the oldest go first, as memory is bounded. */
const MAX_TOKENS = 10_000;

/** The access tokens a gateway handed out, with the account each stands for. */
export class AccessTokens {
  private readonly known = new Map<string, { account: string; expiresAt: number }>();

  /** @param lifeSeconds - the gateway's usual life; the account's own `token_seconds` wins over it, so that expiry can be tested */
  issue(account: Account, lifeSeconds: number): { token: string; lifeSeconds: number } {
    const seconds = Number(account.credentials['token_seconds'] ?? lifeSeconds);
    const token = randomBytes(32).toString('hex');
    this.known.set(token, { account: account.name, expiresAt: Date.now() + seconds * 1_000 });
    if (this.known.size > MAX_TOKENS) {
      // A map keeps the order of insertion, so that the first key is the oldest token.
      for (const oldest of this.known.keys()) {
        this.known.delete(oldest);
        break;
      }
    }
    return { token, lifeSeconds: seconds };
  }

  /** @returns whose token it is and whether it is still good, or undefined for a token that was never handed out. */
  find(token: string): { account: string; isLive: boolean } | undefined {
    const known = this.known.get(token);
    return known === undefined ? undefined : { account: known.account, isLive: known.expiresAt > Date.now() };
  }
}
