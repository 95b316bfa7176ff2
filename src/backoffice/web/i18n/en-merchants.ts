/** Words of what a merchant may send. */
export const limits = {
  title: 'Limits',
  intro: 'For each mode and each process that answers. Beyond them requests are refused (429) until there is room.',
  rate_per_second: 'Requests per second',
  burst: 'Burst after a pause',
  max_in_flight: 'Open requests at a time',
  default: (p: { value: string }) => `Default: ${p.value}`,
  changed: 'Changed',
  set: 'Set limits',
  setTitle: 'Limits of this merchant',
  setIntro:
    'A field that is empty is as the default. They act within seconds. To shut a merchant out, revoke its keys instead.',
  wasSet: 'The limits are set.',
  lift: 'Back to the defaults',
  liftTitle: 'Back to the default limits?',
  liftIntro: 'The merchant may then send what every merchant may.',
  wasLifted: 'The merchant has the default limits.',
} as const;
