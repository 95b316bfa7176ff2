import { Text } from '@mantine/core';
import { IdLink } from '../../blocks/id-link.js';
import { Time } from '../../blocks/time.js';
import { useWords } from '../../i18n/i18n.js';
import { wordOf } from '../../i18n/word-of.js';
import { useBookings, useReconciled, useTold, type LifeOf } from './life-of.js';
import { momentsOf, type Lived, type Moment } from './moments.js';

interface TimelineProps {
  readonly of: LifeOf;
  /** Itself first, then what belongs to it. */
  readonly lives: readonly Lived[];
}

/** Everything that happened, oldest first, as far as one may see it. */
export function Timeline({ of, lives }: TimelineProps) {
  const t = useWords();
  const bookings = useBookings(of);
  const told = useTold(of);
  const reconciled = useReconciled(of);
  const moments = momentsOf({ lives, bookings: bookings.data, told: told.data, reconciled: reconciled.data });
  return (
    <ol className="timeline" aria-label={t.life.timeline}>
      {moments.map((moment, index) => (
        // Nothing but its place tells apart what happened twice at once.
        <li key={`${moment.at} ${moment.what} ${index}`}>
          <Text size="sm" c="dimmed" component="span">
            <Time at={moment.at} />
          </Text>
          <Text size="sm" component="span" className="wraps">
            <What moment={moment} />
          </Text>
        </li>
      ))}
    </ol>
  );
}

function What({ moment }: { readonly moment: Moment }) {
  const t = useWords();
  const words = t.life.moments;
  switch (moment.what) {
    case 'created':
      return (
        <>
          {words.created} <IdLink>{moment.about}</IdLink>
        </>
      );
    case 'concluded':
      return (
        <>
          <IdLink>{moment.about}</IdLink>: {wordOf({ ...t.payments.moneyOut, ...t.payments.statuses }, moment.status)}
        </>
      );
    case 'returned':
      return (
        <>
          <IdLink>{moment.about}</IdLink>: {words.returned}
        </>
      );
    case 'tried':
      return <>{words.tried({ gateway: moment.gateway })}</>;
    case 'answered':
      return (
        <>{words.answered({ gateway: moment.gateway, status: wordOf(t.payments.attemptStates, moment.status) })}</>
      );
    case 'booked':
      return <>{words.booked({ kinds: moment.kinds.map((kind) => wordOf(t.life.transferKinds, kind)).join(', ') })}</>;
    case 'told':
      return <>{words.told({ type: moment.type })}</>;
    case 'delivered':
      return <>{words.delivered({ type: moment.type })}</>;
    case 'matched':
      return <>{words.matched({ gateway: moment.gateway })}</>;
    case 'proved':
      return <>{words.proved({ gateway: moment.gateway })}</>;
    case 'differed':
    case 'settled':
      return (
        <>
          {moment.what === 'differed' ? words.differed : words.settled}: {wordOf(t.life.breakKinds, moment.kind)}{' '}
          <IdLink>{moment.id}</IdLink>
        </>
      );
  }
}
