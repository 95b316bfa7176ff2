/** Signing secrets of endpoints: kept sealed, each for its own row; in plain text where an earlier version wrote them. */
import { Injectable } from '@nestjs/common';
import type { Database } from '../../kernel/database/database.js';
import { OpenedSecrets } from '../../kernel/secrets/opened-secrets.js';
import { RESEAL_PAGE, resealAll, type Resealed } from '../../kernel/secrets/reseal.js';
import { CannotOpen, sealed, Vault, type Sealed } from '../../kernel/secrets/vault.js';
import { replaceSecret, secretsAfter, type KeptSecret, type SecretRow } from './endpoint-secrets.store.js';

/** What a secret is sealed for: what never changes about it. */
export interface SecretPlace {
  readonly merchantId: string;
  readonly endpointId: string;
  readonly generation: number;
}

/** An endpoint with its valid secrets, newest first. */
export interface SecretsOf {
  readonly merchantId: string;
  readonly endpointId: string;
  readonly secrets: readonly KeptSecret[];
}

/** Two secrets for 2,000 busy endpoints; at some 500 bytes each, 2 MB. */
const MAX_OPENED = 4_000;

/** Rows of one look: half a megabyte, and nothing of it is opened. */
const LOOKED_AT_ONCE = 1_000;

@Injectable()
export class EndpointSecrets {
  private readonly opened: OpenedSecrets<string>;

  constructor(private readonly vault: Vault) {
    this.opened = new OpenedSecrets(vault, { max: MAX_OPENED, read: (text) => text });
  }

  seal(of: SecretPlace, secret: string): Promise<Sealed> {
    return this.vault.seal(secret, placeOf(of));
  }

  /**
   * What to sign with, newest first. The newest must open. One from before a roll that does not is left out: whoever has rolled because of it would
   * else wait for a day.
   * @throws {CannotOpen}
   */
  async signingSecrets({ merchantId, endpointId, secrets }: SecretsOf): Promise<readonly string[]> {
    const [newest, ...others] = secrets;
    if (newest === undefined) throw new CannotOpen('there is none');
    const found = [await this.open({ merchantId, endpointId, ...newest })];
    for (const other of others) {
      try {
        found.push(await this.open({ merchantId, endpointId, ...other }));
      } catch (error) {
        if (!(error instanceof CannotOpen)) throw error;
      }
    }
    return found;
  }

  private async open(kept: SecretPlace & KeptSecret): Promise<string> {
    return kept.secret ?? (await this.opened.open(sealedOf(kept), placeOf(kept)));
  }
}

/** Seals under the first master key what is not, and whatever lies in plain text. Deliveries go on meanwhile: one way or the other, it is the same secret. */
export function resealEndpointSecrets(database: Database, vault: Vault): Promise<Resealed> {
  return resealAll<SecretRow>(
    (last) => secretsAfter(database, last, RESEAL_PAGE),
    async (row) => {
      if (row.secret === null && (await vault.isCurrent(sealedOf(row)))) return 'current';
      const place = placeOf({ ...row, endpointId: row.id });
      const secret = row.secret ?? (await vault.open(sealedOf(row), place));
      return (await replaceSecret(database, row, await vault.seal(secret, place))) ? 'resealed' : 'changed';
    },
  );
}

/** How all secrets are kept. */
export interface SecretsKept {
  readonly sealed: number;
  /** In plain text. */
  readonly open: number;
  /** Sealed under a master key that is not among ours. */
  readonly locked: number;
  /** Those keys. */
  readonly missingKeys: readonly string[];
}

export async function howSecretsAreKept(database: Database, vault: Vault): Promise<SecretsKept> {
  const counts = { sealed: 0, open: 0, locked: 0 };
  const missingKeys = new Set<string>();
  const page = (last?: SecretRow): Promise<SecretRow[]> => secretsAfter(database, last, LOOKED_AT_ONCE);
  for (let rows = await page(); rows.length > 0; rows = await page(rows.at(-1))) {
    for (const row of rows) {
      const parsed = sealed.safeParse(row.sealed);
      const missing = parsed.success ? await vault.missingKeyOf(parsed.data) : 'unknown';
      if (row.secret !== null) counts.open += 1;
      else if (missing === undefined) counts.sealed += 1;
      else {
        counts.locked += 1;
        missingKeys.add(missing);
      }
    }
  }
  return { ...counts, missingKeys: [...missingKeys] };
}

/** @throws {CannotOpen} */
function sealedOf(kept: KeptSecret): Sealed {
  const parsed = sealed.safeParse(kept.sealed);
  if (!parsed.success) throw new CannotOpen('it cannot be read');
  return parsed.data;
}

function placeOf({ merchantId, endpointId, generation }: SecretPlace): string {
  return `notification.endpoint_secret/${merchantId}/${endpointId}/${generation}/secret`;
}
