/** Above every other character. */
const LAST_CHARACTER = 'chr(1114111)';

/**
 * From where to where a column of small letters has what begins with a text, in capitals or not. An index finds it, also past a policy; what small letters are
 * is the database's own idea, as it was for the column.
 * @param text where it stands: `$3`
 */
export function beginningWith(text: string): readonly [from: string, before: string] {
  const from = `lower(${text}::text)`;
  return [from, `${from} || ${LAST_CHARACTER}`];
}

/** What a query that is put together asks for: each condition with the value that it is about. */
export class Conditions {
  readonly values: unknown[] = [];
  private readonly texts: string[] = [];

  /** What holds whatever is asked for: whose rows they are. A value that is missing finds nothing. */
  always(condition: string, value: unknown): this {
    return this.where(condition, value ?? null);
  }

  /** @param condition has `?` wherever the value stands. Undefined is not asked for. */
  where(condition: string, value: unknown): this {
    if (value === undefined) return this;
    return this.and(condition.replaceAll('?', this.place(value)));
  }

  /** @param column of small letters, in the order of their codes */
  whereBegins(column: string, text: string | undefined): this {
    const [from, before] = beginningWith('?');
    return this.where(`${column} >= ${from} AND ${column} < ${before}`, text);
  }

  /** One that needs no value of its own. */
  and(condition: string): this {
    this.texts.push(condition);
    return this;
  }

  /** @returns where the value stands: `$3` */
  place(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** All of them; `true` where there is none. */
  get text(): string {
    return this.texts.length === 0 ? 'true' : this.texts.join(' AND ');
  }
}
