import { LRUCache } from 'lru-cache';
import type { Sealed, Vault } from './vault.js';

export interface OpenedSecretsOptions<Value> {
  /** Kept at most; of more than these the ones that were not asked for longest are opened again. */
  readonly max: number;
  /** What is inside; what it throws is thrown to whoever asked. */
  read(text: string): Value;
}

interface Opened<Value> {
  readonly tag: string;
  readonly value: Promise<Value>;
}

/** What was opened stays in memory for as long as it is sealed in the same way, since opening takes longer than asking the database. */
export class OpenedSecrets<Value> {
  private readonly known: LRUCache<string, Opened<Value>>;

  constructor(
    private readonly vault: Vault,
    private readonly options: OpenedSecretsOptions<Value>,
  ) {
    this.known = new LRUCache({ max: options.max });
  }

  /**
   * Opened once, however many ask at a time. What cannot be opened is not remembered.
   * @param of as in {@link Vault.seal}
   * @throws {CannotOpen}
   */
  async open(what: Sealed, of: string): Promise<Value> {
    const known = this.known.get(of);
    // The tag is of the whole: what is sealed in another way has another.
    if (known?.tag === what.tag) return known.value;
    const opened = { tag: what.tag, value: this.vault.open(what, of).then((text) => this.options.read(text)) };
    this.known.set(of, opened);
    try {
      return await opened.value;
    } catch (error) {
      if (this.known.peek(of) === opened) this.known.delete(of);
      throw error;
    }
  }
}
