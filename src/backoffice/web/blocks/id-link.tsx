import { useName } from '../api/names.js';
import { useSession } from '../api/session.js';
import { pageOfId } from '../shell/offered.js';
import { Id } from './id.js';
import { LinkAnchor } from './link.js';

/** An id that leads to its page, where it has one that this session may see. Merchants, people and gateway accounts are called by their names. */
export function IdLink({ children: id }: { readonly children: string }) {
  const page = pageOfId(useSession(), id);
  const name = useName(id);
  if (page !== undefined)
    return (
      <LinkAnchor to={page} className={name === undefined ? 'id' : 'wraps'} title={id}>
        {name ?? id}
      </LinkAnchor>
    );
  return name === undefined ? <Id>{id}</Id> : <span title={id}>{name}</span>;
}
