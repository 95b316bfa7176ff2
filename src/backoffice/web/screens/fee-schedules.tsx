import { useMay } from '../api/session.js';
import { DataVersions } from '../blocks/data-versions.js';
import { feeSchedulesCreate, feeSchedulesList } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

/** One per cent of everything in naira: to be written over. */
const BLANK = {
  fees: [{ currency: 'NGN', fee: { tiers: [{ percent_bps: 100 }] } }],
  rounding: 'down',
  refunds: 'give_back',
};

/** What we take of merchants' payments. */
export function FeeSchedules() {
  const t = useWords();
  return (
    <DataVersions
      name="fee_schedules"
      title={t.screens.feeSchedules}
      empty={{ title: t.versions.noSchedules, hint: t.versions.noSchedulesHint }}
      list={(query, signal) => feeSchedulesList({ query, signal })}
      csv={(query) => feeSchedulesList({ query, parseAs: 'text' })}
      mayCreate={useMay('payments', 'manage')}
      blank={BLANK}
      contentHint={t.versions.scheduleHint}
      create={(body) => feeSchedulesCreate({ body })}
    />
  );
}
