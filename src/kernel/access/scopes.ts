/** What a merchant's key may be limited to: parts of the API, to read or to read and write. */

/** Parts of /v1. */
export const AREAS = ['payments', 'refunds', 'payouts', 'ledger', 'webhooks'] as const;
export type Area = (typeof AREAS)[number];
export type Scope = `${Area}:${'read' | 'write'}`;

export const SCOPES: readonly Scope[] = AREAS.flatMap((area) => [`${area}:read`, `${area}:write`] as const);

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What a request needs: to read is enough for what changes nothing. */
export function scopeFor(area: Area, method: string): Scope {
  return `${area}:${READING.has(method) ? 'read' : 'write'}`;
}

/** @param granted undefined: everything. Whoever may write may read what was written. */
export function isGranted(granted: ReadonlySet<string> | undefined, wanted: Scope): boolean {
  return granted === undefined || granted.has(wanted) || granted.has(wanted.replace(/:read$/, ':write'));
}
