import { List, Text } from '@mantine/core';
import { formatShare } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { wordOf } from '../i18n/word-of.js';
import { RulesLink } from './approval-payload.js';

type Read = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Read => typeof value === 'object' && value !== null;
const objectsOf = (value: unknown): readonly Read[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** An account as people know it. */
function nameOf({ gateway, name, gateway_account: id }: Read): string {
  const known = [gateway, name].filter((each) => typeof each === 'string' && each !== '');
  return known.length > 0 ? known.join(' · ') : String(id);
}

/** Why an attempt went where it went. What is kept of attempts from before there were rules has another shape, and is not explained. */
export function RoutingReason({ reason }: { readonly reason: unknown }) {
  const t = useWords();
  const language = useLanguage();
  if (!isObject(reason) || !Array.isArray(reason['candidates'])) return null;
  const { rule, strategy, because, propensity, rule_set_version: version } = reason;
  return (
    <details>
      <summary>
        <Text size="sm" span>
          {t.payments.why}: {wordOf(t.payments.because, String(because))},{' '}
          {wordOf(t.payments.strategies, String(strategy))}
        </Text>
      </summary>
      <Text size="sm">
        {typeof version === 'number' ? <RulesLink version={version} /> : t.payments.noRules}
        {typeof rule === 'string' ? `, ${t.payments.rule({ rule })}` : null}
        {typeof propensity === 'number' ? `, ${t.payments.chance({ share: formatShare(language, propensity) })}` : null}
      </Text>
      <List size="sm">
        {objectsOf(reason['candidates']).map((candidate) => (
          <List.Item key={String(candidate['gateway_account'])}>
            {nameOf(candidate)}
            <Success of={candidate} />
          </List.Item>
        ))}
        {objectsOf(reason['excluded']).map((account) => (
          <List.Item key={`${String(account['gateway_account'])} ${String(account['why'])}`}>
            {nameOf(account)}: {t.payments.excluded}, {wordOf(t.payments.exclusions, String(account['why']))}
          </List.Item>
        ))}
      </List>
    </details>
  );
}

function Success({ of: { success } }: { readonly of: Read }) {
  const t = useWords();
  const language = useLanguage();
  if (!isObject(success) || typeof success['mean'] !== 'number') return null;
  return <>: {t.payments.candidate({ success: formatShare(language, success['mean']) })}</>;
}
