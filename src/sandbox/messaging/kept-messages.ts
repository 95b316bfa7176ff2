/** What was sent to people: everybody's phones and mailboxes at once. */

export interface KeptMessage {
  readonly id: string;
  readonly channel: 'email' | 'sms';
  readonly from: string;
  readonly to: string;
  /** Of mails. */
  readonly subject?: string;
  readonly text: string;
  /** Of mails. */
  readonly html?: string;
  /** Of mails: the headers by name, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Days of trying things out; what is older is forgotten, so that a sandbox that runs for months does not grow. */
const MAX_KEPT = 5_000;

export class KeptMessages {
  private kept: KeptMessage[] = [];
  private count = 0;

  /** @returns the name of the next message, as providers call theirs */
  nextId(): string {
    this.count += 1;
    return `ATXid_${String(this.count).padStart(8, '0')}`;
  }

  keep(message: KeptMessage): void {
    this.kept.push(message);
    if (this.kept.length > MAX_KEPT) this.kept = this.kept.slice(-MAX_KEPT);
  }

  /** Oldest first. */
  to(address: string | undefined): readonly KeptMessage[] {
    if (address === undefined) return this.kept;
    return this.kept.filter(({ to }) => to.toLowerCase() === address.toLowerCase());
  }

  clear(): void {
    this.kept = [];
  }
}
