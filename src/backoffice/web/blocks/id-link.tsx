import { useSession } from '../api/session.js';
import { pageOfId } from '../shell/offered.js';
import { Id } from './id.js';
import { LinkAnchor } from './link.js';

/** An id that leads to its page, where it has one that this session may see. */
export function IdLink({ children }: { readonly children: string }) {
  const page = pageOfId(useSession(), children);
  if (page === undefined) return <Id>{children}</Id>;
  return (
    <LinkAnchor to={page} className="id">
      {children}
    </LinkAnchor>
  );
}
