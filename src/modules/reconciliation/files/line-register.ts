/**
 * Remembers which ids a file has had and what stood there, in 20 bytes per line: a file of a million lines must not hold a million
 * strings. Ids and contents are kept as 64-bit hashes under a seed drawn for each file, so that nobody can make two that collide.
 * A line would only be dropped wrongly if both collided; an id that does alone (once in some ten million files of a million lines)
 * gets the file refused, never misread.
 */
import { randomBytes } from 'node:crypto';

const { imul } = Math;

/** Table slots at first; doubled whenever seven eighths are taken, which costs a few steps of searching and saves half the memory. */
const FIRST_CAPACITY = 1_024;

export class LineRegister {
  private capacity = FIRST_CAPACITY;
  private size = 0;
  /** Per slot: id (2 words), content (2 words), line. Line 0: free. */
  private slots = new Uint32Array(FIRST_CAPACITY * 5);
  private readonly seed = randomBytes(8);
  private readonly seedLow = this.seed.readUInt32LE(0);
  private readonly seedHigh = this.seed.readUInt32LE(4);
  private low = 0;
  private high = 0;

  /**
   * @param line from 1
   * @returns undefined when the id is new; else where it stood first, and whether with the same content
   */
  add(id: string, content: string, line: number): { readonly firstLine: number; readonly same: boolean } | undefined {
    if (this.size * 8 >= this.capacity * 7) this.grow();
    this.hash(id);
    const idLow = this.low;
    const idHigh = this.high;
    this.hash(content);
    let slot = idLow & (this.capacity - 1);
    for (;;) {
      const at = slot * 5;
      const firstLine = this.slots[at + 4] ?? 0;
      if (firstLine === 0) {
        this.slots[at] = idLow;
        this.slots[at + 1] = idHigh;
        this.slots[at + 2] = this.low;
        this.slots[at + 3] = this.high;
        this.slots[at + 4] = line;
        this.size += 1;
        return undefined;
      }
      if (this.slots[at] === idLow && this.slots[at + 1] === idHigh) {
        return { firstLine, same: this.slots[at + 2] === this.low && this.slots[at + 3] === this.high };
      }
      slot = (slot + 1) & (this.capacity - 1);
    }
  }

  private grow(): void {
    const old = this.slots;
    this.capacity *= 2;
    this.slots = new Uint32Array(this.capacity * 5);
    for (let at = 0; at < old.length; at += 5) {
      if (old[at + 4] === 0) continue;
      let slot = (old[at] ?? 0) & (this.capacity - 1);
      while (this.slots[slot * 5 + 4] !== 0) slot = (slot + 1) & (this.capacity - 1);
      this.slots.set(old.subarray(at, at + 5), slot * 5);
    }
  }

  /** Two multiplicative 32-bit hashes that are mixed at the end (the scheme of cyrb53, public domain, without its cut to 53 bits). */
  private hash(text: string): void {
    let low = this.seedLow ^ 0xdeadbeef;
    let high = this.seedHigh ^ 0x41c6ce57;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      low = imul(low ^ code, 2_654_435_761);
      high = imul(high ^ code, 1_597_334_677);
    }
    low = imul(low ^ (low >>> 16), 2_246_822_507) ^ imul(high ^ (high >>> 13), 3_266_489_909);
    high = imul(high ^ (high >>> 16), 2_246_822_507) ^ imul(low ^ (low >>> 13), 3_266_489_909);
    this.low = low >>> 0;
    this.high = high >>> 0;
  }
}
