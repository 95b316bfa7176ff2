/** Loaded before the program: shifts what it believes the time to be, by SIMULATION_CLOCK_SKEW_MS. Timers are not affected. */
const skewMs = Number(process.env.SIMULATION_CLOCK_SKEW_MS ?? '0');
const RealDate = Date;

globalThis.Date = class SkewedDate extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + skewMs);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + skewMs;
  }
};
