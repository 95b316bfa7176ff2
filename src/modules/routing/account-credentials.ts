/** Credentials of gateway accounts as they are kept: sealed, each for its own row; in plain text where an earlier version wrote them. */
import { z } from 'zod';
import { OpenedSecrets } from '../../kernel/secrets/opened-secrets.js';
import { CannotOpen, sealed, type Sealed, type Vault } from '../../kernel/secrets/vault.js';

type Credentials = Readonly<Record<string, string>>;

/** What the credentials of a row are sealed for: what never changes about it. */
export interface AccountPlace {
  readonly merchantId: string | null;
  readonly gateway: string;
  readonly name: string;
}

/** A row as far as its credentials go: one of the two is null. */
export interface KeptCredentials extends AccountPlace {
  readonly credentials: unknown;
  readonly sealedCredentials: unknown;
}

export interface ReadCredentials {
  readonly credentials: Credentials;
  /** Why there are none, although there should be; null: there are. */
  readonly credentialsProblem: string | null;
}

const credentials = z.record(z.string(), z.string());

/** Most accounts that are kept in memory; at some 500 bytes each it bounds what a reload costs. */
export const MAX_ACCOUNTS = 20_000;

export class AccountCredentials {
  /** Accounts are read again every few seconds. */
  private readonly opened: OpenedSecrets<Credentials>;

  constructor(private readonly vault: Vault) {
    this.opened = new OpenedSecrets(vault, { max: MAX_ACCOUNTS, read: (text) => credentials.parse(JSON.parse(text)) });
  }

  seal(of: AccountPlace, secret: Credentials): Promise<Sealed> {
    return this.vault.seal(JSON.stringify(secret), placeOf(of));
  }

  async read(row: KeptCredentials): Promise<ReadCredentials> {
    if (row.sealedCredentials === null) {
      const plain = credentials.safeParse(row.credentials);
      return plain.success ? found(plain.data) : missing('they cannot be read');
    }
    const parsed = sealed.safeParse(row.sealedCredentials);
    if (!parsed.success) return missing('they cannot be read');
    try {
      return found(await this.opened.open(parsed.data, placeOf(row)));
    } catch (error) {
      if (error instanceof CannotOpen) return missing(error.message);
      throw error;
    }
  }

  /** Whether they are sealed under the master key that seals now. */
  async isCurrent({ sealedCredentials }: KeptCredentials): Promise<boolean> {
    const parsed = sealed.safeParse(sealedCredentials);
    return parsed.success && (await this.vault.isCurrent(parsed.data));
  }
}

function placeOf({ merchantId, gateway, name }: AccountPlace): string {
  return `routing.gateway_account/${merchantId ?? 'all'}/${gateway}/${name}/credentials`;
}

const found = (known: Credentials): ReadCredentials => ({ credentials: known, credentialsProblem: null });
const missing = (credentialsProblem: string): ReadCredentials => ({ credentials: {}, credentialsProblem });
