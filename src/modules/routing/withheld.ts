/** What operators are shown of a webhook's body: amounts, states and references, not persons, and nothing that opens something. */

/** Names of fields, in any gateway's writing, that tell who a person is or are as good as a secret. */
const WITHHELD_NAMES =
  /name|phone|msisdn|mobile|e_?mail|address|birth|\bdob\b|card|\bbin\b|last_?4|\bpan\b|account_?n(o|um)|iban|bvn|token|secret|authori[sz]ation_?code|signature|password|\bip\b|ip_?address|fingerprint/i;
/** Names that have "name" in them and tell of no person. */
const HARMLESS_NAMES = /^(event_?name|channel_?name|currency_?name)$/i;
const WITHHELD = '[withheld]';
/** Deeper than any gateway's. */
const MAX_DEPTH = 16;

function shown(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return WITHHELD;
  if (Array.isArray(value)) return value.map((each) => shown(each, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isLeaf = typeof member !== 'object' || member === null;
      const isWithheld = isLeaf && member !== null && WITHHELD_NAMES.test(name) && !HARMLESS_NAMES.test(name);
      return [name, isWithheld ? WITHHELD : shown(member, depth - 1)];
    }),
  );
}

/** @returns null for a body that is no JSON: what it holds cannot be told. */
export function shownBody(body: Uint8Array): unknown {
  try {
    return shown(JSON.parse(Buffer.from(body).toString('utf8')), MAX_DEPTH);
  } catch {
    return null;
  }
}

/** What a gateway calls something, without what is as good as a secret. */
export function shownHandles(handles: unknown): Readonly<Record<string, string>> {
  if (typeof handles !== 'object' || handles === null) return {};
  return Object.fromEntries(
    Object.entries(handles).filter((entry): entry is [string, string] => {
      const [name, value] = entry as [string, unknown];
      return typeof value === 'string' && !WITHHELD_NAMES.test(name);
    }),
  );
}
