import { Alert, Button, Code, List } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { useMay } from '../api/session.js';
import { announceAsked } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { State } from '../blocks/badges.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { rulesActivate, rulesList, rulesRead, type RuleSet } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { EditRules } from './rule-set-form.js';
import { TryRules } from './rule-set-try.js';

export function RuleSetDetail() {
  const t = useWords();
  const { version = '' }: { readonly version?: string } = useParams({ strict: false });
  const set = useQuery({
    queryKey: ['rule-sets', 'version', version],
    queryFn: ({ signal }) => answerOf(rulesRead({ path: { version }, signal })),
  });
  return (
    <Page
      title={set.data === undefined ? t.screens.ruleSet : t.rules.versionOf({ version: set.data.version })}
      actions={set.data === undefined ? undefined : <Actions set={set.data} />}
    >
      <Async query={set}>{(found) => <Found set={found} />}</Async>
    </Page>
  );
}

function Found({ set }: { readonly set: RuleSet }) {
  const t = useWords();
  return (
    <>
      {set.warnings === undefined || set.warnings.length === 0 ? null : (
        <Alert color="yellow" role="alert" title={t.rules.warnings}>
          <List size="sm">
            {set.warnings.map(({ pointer, code, detail }) => (
              <List.Item key={`${pointer} ${code}`}>
                <Code>{pointer}</Code> {detail ?? code}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Facts
        facts={[
          [
            t.common.status,
            <State key="status" is={set.active ? 'good' : 'plain'}>
              {set.active ? t.rules.active : t.rules.stored}
            </State>,
          ],
          [t.rules.note, set.note],
          [t.rules.by, <Id key="by">{set.created_by}</Id>],
          [t.common.created, <Time key="created" at={set.created_at} />],
        ]}
      />
      <Section title={t.rules.content}>
        <Code block className="secret">
          {JSON.stringify(set.content, null, 2)}
        </Code>
      </Section>
      {set.activations.length === 0 ? null : (
        <Section title={t.rules.history}>
          <List size="sm">
            {set.activations.map((activation) => (
              <List.Item key={activation.activated_at}>
                <Time at={activation.activated_at} /> <Id>{activation.activated_by}</Id>
              </List.Item>
            ))}
          </List>
        </Section>
      )}
      <TryRules version={set.version} />
    </>
  );
}

/** As many versions as a page holds: what is in force is seldom older. */
const NEWEST = 100;

/** The version in force as it is shown to who replaces it: the server refuses when it is another by then. 0: there is none. */
function useReplaced(isAsked: boolean): number | undefined {
  const newest = useQuery({
    queryKey: ['rule-sets', 'newest'],
    queryFn: ({ signal }) => answerOf(rulesList({ query: { limit: NEWEST }, signal })),
    enabled: isAsked,
  });
  if (newest.data === undefined) return undefined;
  return newest.data.data.find(({ active }) => active)?.version ?? (newest.data.has_more ? undefined : 0);
}

/** An earlier version may be put into force again, too. */
function Actions({ set }: { readonly set: RuleSet }) {
  const t = useWords();
  const mayManage = useMay('routing', 'manage');
  const [open, setOpen] = useState<'edit' | 'activate'>();
  const { version } = set;
  const replaced = useReplaced(open === 'activate');
  const activate = async (): Promise<void> => {
    const asked = rulesActivate({ path: { version: String(version) }, body: given({ replaces: replaced }) });
    announceAsked(t.common.asked, (await answerOf(asked)).id);
  };
  const close = (): void => setOpen(undefined);
  return (
    <>
      {mayManage ? (
        <Button variant="default" onClick={() => setOpen('edit')}>
          {t.rules.createFrom}
        </Button>
      ) : null}
      {mayManage && !set.active ? <Button onClick={() => setOpen('activate')}>{t.rules.activate}</Button> : null}
      {open === 'edit' ? <EditRules content={set.content} onClose={close} /> : null}
      <ConfirmDialog
        opened={open === 'activate'}
        title={t.rules.activateTitle({ version })}
        action={t.rules.activate}
        onClose={close}
        onConfirm={activate}
      >
        <Alert color="yellow">
          {replaced === undefined || replaced === 0 ? null : `${t.rules.replaces({ version: replaced })} `}
          {t.rules.activateIntro} {t.common.needsAnother}
        </Alert>
      </ConfirmDialog>
    </>
  );
}
