/** A value that components follow: `useSyncExternalStore(signal.subscribe, signal.read)`. */
export interface Signal<Value> {
  read(this: void): Value;
  set(this: void, value: Value): void;
  subscribe(this: void, listener: () => void): () => void;
}

export function signal<Value>(first: Value): Signal<Value> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    read: () => value,
    set: (next) => {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
