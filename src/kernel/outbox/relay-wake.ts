/**
 * How a commit tells the relay of its own process that there is something to read. A hint, nothing more: the relay also
 * polls, because the leading relay may be another process's. One per process, hence a module-level object.
 */
class RelayWake {
  private listeners: (() => void)[] = [];

  onSignal(listener: () => void): () => void {
    this.listeners.push(listener);
    return () => {
      this.listeners = this.listeners.filter((each) => each !== listener);
    };
  }

  signal(): void {
    for (const listener of this.listeners) listener();
  }
}

export const relayWake = new RelayWake();
