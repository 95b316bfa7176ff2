/** What is still to happen, in order of time: a binary heap. */
interface Event {
  readonly atMs: number;
  readonly happen: () => void;
}

export class EventQueue {
  private readonly heap: Event[] = [];

  at(atMs: number, happen: () => void): void {
    const { heap } = this;
    let index = heap.length;
    const event = { atMs, happen };
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.atMs <= atMs) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  runAll(): void {
    for (let next = this.take(); next !== undefined; next = this.take()) next.happen();
  }

  private take(): Event | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const right = heap[child + 1];
      if (right !== undefined && right.atMs < (heap[child]?.atMs ?? 0)) child += 1;
      const below = heap[child];
      if (below === undefined || below.atMs >= last.atMs) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}
