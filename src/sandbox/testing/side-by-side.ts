/**
 * One test of several gateways at once: nearly all of it is waiting for what they do by themselves, and they have nothing to do
 * with each other.
 */
export function sideBySide<Name extends string>(
  names: readonly Name[],
  title: string,
  test: (name: Name) => Promise<void>,
): void {
  it(title, async () => {
    const ends = await Promise.allSettled(names.map((name) => test(name)));
    const failures = ends.flatMap((end, index) =>
      end.status === 'rejected'
        ? [new Error(`${names[index] ?? ''}: ${describe(end.reason)}`, { cause: end.reason })]
        : [],
    );
    if (failures.length > 0)
      throw failures.length === 1 ? failures[0] : new AggregateError(failures, failures.join('\n'));
  });
}

function describe(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
}
