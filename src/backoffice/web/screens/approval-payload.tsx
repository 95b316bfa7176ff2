import { Code, List } from '@mantine/core';
import type { ReactNode } from 'react';
import { AREAS, LEVELS, type AdminArea, type Level } from '../api/permissions.js';
import { useMay } from '../api/session.js';
import { Amount } from '../blocks/amount.js';
import { ModeBadge } from '../blocks/badges.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { LinkAnchor } from '../blocks/link.js';
import type { Approval } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { decidedCase } from './case-payload.js';

type Read = Readonly<Record<string, unknown>>;
type Levels = Readonly<Partial<Record<AdminArea, Level>>>;

const isObject = (value: unknown): value is Read => typeof value === 'object' && value !== null;
const textOf = (payload: Read, name: string): string | undefined => {
  const value = payload[name];
  return typeof value === 'string' ? value : undefined;
};
const numberOf = (payload: Read, name: string): number | undefined => {
  const value = payload[name];
  return typeof value === 'number' ? value : undefined;
};
const levelsOf = (payload: Read, name: string): Levels | undefined => {
  const value = payload[name];
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    AREAS.flatMap((area) => {
      const level = LEVELS.find((each) => each === value[area]);
      return level === undefined ? [] : [[area, level]];
    }),
  );
};

/** All that will be done, so that whoever approves it need not read JSON; as JSON where a kind is not known here, or its payload is another. */
export function ApprovalPayload({ approval: { kind, payload } }: { readonly approval: Approval }) {
  const shown = isObject(payload) ? KINDS[kind]?.(payload) : undefined;
  if (shown !== undefined) return <>{shown}</>;
  return (
    <Code block className="secret">
      {JSON.stringify(payload, null, 2)}
    </Code>
  );
}

/** @returns undefined where the payload is not what it is expected to be */
const KINDS: Readonly<Record<string, (payload: Read) => ReactNode>> = {
  'payments.refund': (payload) => {
    const [payment, refund, merchant] = [
      textOf(payload, 'payment'),
      textOf(payload, 'refund'),
      textOf(payload, 'merchant'),
    ];
    const [amount, currency] = [numberOf(payload, 'amount'), textOf(payload, 'currency')];
    if (payment === undefined || refund === undefined || merchant === undefined) return undefined;
    if (amount === undefined || currency === undefined) return undefined;
    const isLive = payload['livemode'] === true;
    return <RefundPayload {...{ payment, refund, merchant, amount, currency, isLive }} />;
  },
  'routing.activate_rules': (payload) => {
    const [version, replaces] = [numberOf(payload, 'version'), numberOf(payload, 'replaces')];
    if (version === undefined || replaces === undefined) return undefined;
    return <RulesPayload version={version} replaces={replaces} hash={textOf(payload, 'content_sha256') ?? ''} />;
  },
  'routing.decide_attempt': decidedCase,
  'auth.give_role': (payload) => {
    const [email, from, role] = [textOf(payload, 'email'), textOf(payload, 'from_role'), textOf(payload, 'role')];
    const levels = levelsOf(payload, 'permissions');
    if (email === undefined || role === undefined || levels === undefined) return undefined;
    return <RolePayload person={email} role={role} oldRole={from} levels={levels} />;
  },
  'auth.invite_admin': (payload) => {
    const [email, name, role] = [textOf(payload, 'email'), textOf(payload, 'name'), textOf(payload, 'role')];
    const levels = levelsOf(payload, 'permissions');
    if (email === undefined || name === undefined || role === undefined || levels === undefined) return undefined;
    return <RolePayload person={`${name} <${email}>`} role={role} levels={levels} />;
  },
  'auth.change_role': (payload) => {
    const [name, description] = [textOf(payload, 'name'), textOf(payload, 'description')];
    const [levels, before] = [levelsOf(payload, 'permissions'), levelsOf(payload, 'before')];
    if (name === undefined || levels === undefined || before === undefined) return undefined;
    return <RolePayload role={name} description={description} levels={levels} before={before} />;
  },
};

interface RefundPayloadProps {
  readonly payment: string;
  readonly refund: string;
  readonly merchant: string;
  readonly amount: number;
  readonly currency: string;
  readonly isLive: boolean;
}

function RefundPayload({ payment, refund, merchant, amount, currency, isLive }: RefundPayloadProps) {
  const t = useWords();
  return (
    <Facts
      facts={[
        [t.payments.amount, <Amount key="amount" minor={amount} currency={currency} />],
        [t.screens.payment, <IdLink key="payment">{payment}</IdLink>],
        [t.screens.merchant, <IdLink key="merchant">{merchant}</IdLink>],
        [t.keys.mode, <ModeBadge key="mode" livemode={isLive} />],
        [t.payments.refund, <Id key="refund">{refund}</Id>],
      ]}
    />
  );
}

interface RulesPayloadProps {
  readonly version: number;
  /** 0: there were none in force. */
  readonly replaces: number;
  readonly hash: string;
}

function RulesPayload({ version, replaces, hash }: RulesPayloadProps) {
  const t = useWords();
  return (
    <Facts
      facts={[
        [t.rules.version, <RulesLink key="version" version={version} />],
        [t.approvals.replaces, replaces === 0 ? t.payments.noRules : <RulesLink key="old" version={replaces} />],
        [t.approvals.content, <Id key="hash">{hash}</Id>],
      ]}
    />
  );
}

export function RulesLink({ version }: { readonly version: number }) {
  const t = useWords();
  const text = t.rules.versionOf({ version });
  return useMay('routing', 'read') ? <LinkAnchor to={`/rules/${version}`}>{text}</LinkAnchor> : <>{text}</>;
}

interface RolePayloadProps {
  readonly person?: string;
  readonly role: string;
  readonly oldRole?: string | undefined;
  readonly description?: string | undefined;
  readonly levels: Levels;
  /** Absent: they are not changed. */
  readonly before?: Levels;
}

function RolePayload({ person, role, oldRole, description, levels, before }: RolePayloadProps) {
  const t = useWords();
  const mayReadTeam = useMay('team', 'read');
  const facts: (readonly [string, ReactNode])[] = [];
  if (person !== undefined) facts.push([t.approvals.person, person]);
  if (oldRole !== undefined) facts.push([t.approvals.oldRole, oldRole]);
  const link = mayReadTeam ? <LinkAnchor to={`/roles/${role}`}>{role}</LinkAnchor> : role;
  facts.push([oldRole === undefined ? t.team.role : t.approvals.newRole, link]);
  if (description !== undefined) facts.push([t.roles.description, description]);
  facts.push([t.roles.permissions, <PermissionList key="permissions" levels={levels} before={before} />]);
  return <Facts facts={facts} />;
}

function PermissionList({ levels, before }: { readonly levels: Levels; readonly before: Levels | undefined }) {
  const t = useWords();
  const old = before ?? levels;
  const areas = AREAS.filter((area) => (levels[area] ?? 'none') !== 'none' || (old[area] ?? 'none') !== 'none');
  if (areas.length === 0) return <>{t.approvals.noPermissions}</>;
  return (
    <List size="sm">
      {areas.map((area) => {
        const [now, then] = [levels[area] ?? 'none', old[area] ?? 'none'];
        return (
          <List.Item key={area}>
            {t.areas[area]}: {now === then ? t.levels[now] : <strong>{t.levels[now]}</strong>}
            {now === then ? null : ` (${t.approvals.before({ level: t.levels[then] })})`}
          </List.Item>
        );
      })}
    </List>
  );
}
