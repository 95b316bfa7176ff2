import { LRUCache } from 'lru-cache';

/** How long what ended can live on in a process that did not hear of it. Short enough to count as at once. */
const TTL_MS = 1_000;

/** Undefined inside: unknown or over, which is remembered too. */
interface Known<Value> {
  readonly value: Value | undefined;
}

/** Answers about secrets, remembered for a second: busy ones cost one question per second and process, however many ask at a time. */
export class Remembered<Value> {
  private readonly known: LRUCache<string, Known<Value>>;
  private readonly asking = new Map<string, Promise<Known<Value>>>();

  /** @param max a bound for those who try secrets out */
  constructor(max: number) {
    this.known = new LRUCache<string, Known<Value>>({ max, ttl: TTL_MS, noDeleteOnStaleGet: true });
  }

  /** What is remembered of a secret, without asking anybody. */
  peek(secret: string): Known<Value> | undefined {
    return this.known.get(secret);
  }

  /** What was answered last, however long ago. */
  lastKnown(secret: string): Value | undefined {
    return this.known.get(secret, { allowStale: true })?.value;
  }

  async find(secret: string, ask: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const known = this.known.get(secret);
    if (known !== undefined) return known.value;
    let question = this.asking.get(secret);
    if (question === undefined) {
      question = this.ask(secret, ask).finally(() => this.asking.delete(secret));
      this.asking.set(secret, question);
    }
    return (await question).value;
  }

  /** Something began or ended in this process a moment ago. */
  clear(): void {
    this.known.clear();
  }

  private async ask(secret: string, ask: () => Promise<Value | undefined>): Promise<Known<Value>> {
    const answer = { value: await ask() };
    this.known.set(secret, answer);
    return answer;
  }
}
