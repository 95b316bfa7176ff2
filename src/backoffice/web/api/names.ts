/** Names of merchants, people and gateway accounts, of which all modules but one know the ids alone. */
import { useQuery } from '@tanstack/react-query';
import { namesList, routingAdminGateways } from '../generated/index.js';
import { answerOf } from './client.js';
import { useMay } from './session.js';

/** As many as the API takes. */
const MAX_AT_ONCE = 100;
/** They hardly ever change. */
const FRESH_MS = 10 * 60_000;

type Names = ReadonlyMap<string, string>;

/** Who is asked for as soon as all of the screen has said whose names it shows. */
let next: { readonly ids: Set<string>; readonly names: Promise<Names> } | undefined;

/** Null: there is nobody. All that is asked for at a time is one call. */
async function nameOf(id: string): Promise<string | null> {
  if (next === undefined || next.ids.size >= MAX_AT_ONCE) {
    const ids = new Set<string>();
    next = { ids, names: Promise.resolve().then(() => namesOf(ids)) };
  }
  next.ids.add(id);
  return (await next.names).get(id) ?? null;
}

async function namesOf(ids: ReadonlySet<string>): Promise<Names> {
  if (next?.ids === ids) next = undefined;
  const { data } = await answerOf(namesList({ query: { of: [...ids].join(',') } }));
  return new Map(data.map(({ id, name }) => [id, name]));
}

/** Undefined while it is not known, where the session may not know it, and for what has none. */
export function useName(id: string): string | undefined {
  const kind = /^(adm|gwa|mer)_[0-9a-z]{26}$/.exec(id)?.[1];
  const mayReadMerchants = useMay('merchants', 'read');
  const mayReadAccounts = useMay('routing', 'read');
  const name = useQuery({
    queryKey: ['name', id],
    queryFn: () => nameOf(id),
    enabled: kind === 'adm' || (kind === 'mer' && mayReadMerchants),
    staleTime: FRESH_MS,
  });
  // There are a handful. Under a key of their own: as names they need not be asked for again whenever something happens.
  const accounts = useQuery({
    queryKey: ['names-of-gateways'],
    queryFn: ({ signal }) => answerOf(routingAdminGateways({ signal })),
    enabled: kind === 'gwa' && mayReadAccounts,
    staleTime: FRESH_MS,
  });
  const account = accounts.data?.data.find((each) => each.id === id);
  return account === undefined ? (name.data ?? undefined) : `${account.gateway}/${account.name}`;
}
