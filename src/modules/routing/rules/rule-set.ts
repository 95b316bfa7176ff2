/**
 * How an operator says where payments and payouts go: rules in order, each with conditions and a strategy; the first that fits decides. Rules are data,
 * versioned, and refused whole when anything in them is not understood: a misspelt condition that is ignored would send
 * everything somewhere else.
 */
import { z } from 'zod';
import { CURRENCIES } from '../../../kernel/money/money.js';
import { METHODS_OF, routableKind, routableMethod, type RoutableKind } from '../routable-kind.js';

/** `paystack`, or one account of it: `paystack/lagos`. */
const gatewayName = z.string().regex(/^[a-z0-9_]{1,32}(\/[\w.-]{1,64})?$/);
const minor = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const text = z.string().min(1).max(128);
const anyOf = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(100);

const conditions = z
  .strictObject({
    /** Not given: payments alone. What was written before rules could speak of payouts goes on meaning what it meant. */
    kind: anyOf(routableKind),
    currency: anyOf(z.enum(CURRENCIES)),
    /** ISO 3166-1 alpha-2, by the phone number of the customer or the wallet; else by the currency where only one country has it. */
    country: anyOf(z.string().regex(/^[A-Z]{2}$/)),
    method: anyOf(routableMethod),
    /** Of mobile money; of USSD and bank accounts, the bank. */
    network: anyOf(text),
    amount_from: minor,
    /** Exclusive, so that rules can follow one another without a gap. */
    amount_below: minor,
    merchant: anyOf(z.string().regex(/^mer_[0-9a-hjkmnp-tv-z]{26}$/)),
    metadata: z.record(text, anyOf(z.string().max(512))),
  })
  .partial()
  .refine(
    (when) => (when.amount_from === undefined && when.amount_below === undefined) || when.currency?.length === 1,
    {
      message: 'an amount means something in one currency only: name it',
      path: ['currency'],
    },
  )
  .superRefine((when, context) => {
    const possible = new Set(concerned(when).flatMap((kind) => METHODS_OF[kind]));
    for (const [index, method] of (when.method ?? []).entries())
      if (!possible.has(method))
        context.addIssue({
          code: 'custom',
          path: ['method', index],
          message: `nothing that this rule is about goes by ${method}: a rule is about payments unless its kind says otherwise`,
        });
  });

/** The kinds that a rule is about. */
export function concerned({ kind }: { readonly kind?: readonly RoutableKind[] | undefined }): readonly RoutableKind[] {
  return kind ?? ['payment'];
}

const share = z.number().min(0).max(1);

const strategy = z.discriminatedUnion('type', [
  /** By the priority of the accounts: what is done while no rules were ever activated. */
  z.strictObject({ type: z.literal('priority') }),
  z.strictObject({
    type: z.literal('order'),
    gateways: anyOf(gatewayName),
    /** Whether gateways that are not named come after those that are. */
    others: z.boolean().default(true),
  }),
  z.strictObject({
    type: z.literal('weights'),
    /** Of what can be tried at the moment. Several accounts of a gateway share its weight; what has none is never tried. */
    weights: z
      .record(gatewayName, z.number().min(0).max(1_000_000))
      .refine((weights) => Object.values(weights).some((each) => each > 0), {
        message: 'at least one weight must be above 0',
      }),
  }),
  z.strictObject({
    type: z.literal('smart'),
    only: anyOf(gatewayName).optional(),
    never: anyOf(gatewayName).optional(),
    /** Shares of the amount: see `choice/choose.ts`. */
    values: z
      .strictObject({ success: share, unknown: share, second: share, exploration: share.max(0.2) })
      .partial()
      .default({}),
  }),
]);
export type Strategy = z.infer<typeof strategy>;

const rule = z.strictObject({ name: z.string().min(1).max(100), when: conditions, use: strategy });
export type Rule = z.infer<typeof rule>;

/** `otherwise` is about payments alone: see {@link PAYOUTS_OTHERWISE}. */
export const ruleSet = z
  .strictObject({ rules: z.array(rule).max(200), otherwise: strategy })
  .refine(({ rules }) => new Set(rules.map(({ name }) => name)).size === rules.length, {
    message: 'two rules have the same name',
    path: ['rules'],
  });
export type RuleSet = z.infer<typeof ruleSet>;

/**
 * What is done with payouts that no rule is about: by float, fee and success. `otherwise` is about payments, for it was written when there was nothing
 * else; a last rule with no condition but `kind` says the same of payouts.
 */
export const PAYOUTS_OTHERWISE: Strategy = { type: 'smart', values: {} };

/** Until an operator says otherwise. */
export const BY_PRIORITY: RuleSet = { rules: [], otherwise: { type: 'priority' } };

/** Every gateway that a set names, with a JSON pointer to where. */
export function gatewaysNamed(set: RuleSet): { readonly pointer: string; readonly name: string }[] {
  return [
    ...set.rules.flatMap(({ use }, index) => namedIn(use, `/rules/${index}/use`)),
    ...namedIn(set.otherwise, '/otherwise'),
  ];
}

function namedIn(use: Strategy, at: string): { readonly pointer: string; readonly name: string }[] {
  const listed = (names: readonly string[] | undefined, list: string) =>
    (names ?? []).map((name, index) => ({ pointer: `${at}/${list}/${index}`, name }));
  switch (use.type) {
    case 'priority':
      return [];
    case 'order':
      return listed(use.gateways, 'gateways');
    case 'weights':
      return Object.keys(use.weights).map((name) => ({
        pointer: `${at}/weights/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        name,
      }));
    case 'smart':
      return [...listed(use.only, 'only'), ...listed(use.never, 'never')];
  }
}
