import { Code, Modal, Stack } from '@mantine/core';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { Time } from '../blocks/time.js';
import type { AuditEntry } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

interface AuditDetailProps {
  /** Undefined: closed. */
  readonly entry: AuditEntry | undefined;
  readonly onClose: () => void;
}

/** All of one entry. */
export function AuditDetail({ entry, onClose }: AuditDetailProps) {
  const t = useWords();
  if (entry === undefined) return null;
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t.audit.entry({ seq: entry.seq })}
      closeButtonProps={{ 'aria-label': t.common.close }}
    >
      <Stack>
        <Facts
          facts={[
            [t.audit.at, <Time key="at" at={entry.at} />],
            [t.audit.type, <Code key="type">{entry.type}</Code>],
            [t.audit.actor, entry.actor === null ? t.audit.program : <Id key="actor">{entry.actor}</Id>],
            [t.audit.subject, <Id key="subject">{entry.subject_id}</Id>],
            [t.audit.route, entry.route ?? t.common.none],
            [t.audit.result, entry.status ?? t.common.none],
            [t.audit.requestId, <Id key="request">{entry.request_id}</Id>],
            [t.common.id, <Id key="id">{entry.id}</Id>],
            [t.audit.hash, <Id key="hash">{entry.hash}</Id>],
          ]}
        />
        <Code block className="secret">
          {JSON.stringify(entry.details, null, 2)}
        </Code>
      </Stack>
    </Modal>
  );
}
