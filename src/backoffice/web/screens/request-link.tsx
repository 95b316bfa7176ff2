import { useMay } from '../api/session.js';
import { Id } from '../blocks/id.js';
import { LinkAnchor } from '../blocks/link.js';

/** What admins did under the same request is in the audit log. */
export function RequestLink({ children }: { readonly children: string }) {
  if (!useMay('audit', 'read')) return <Id>{children}</Id>;
  return (
    <LinkAnchor to="/audit" search={{ request_id: children }} className="id">
      {children}
    </LinkAnchor>
  );
}
