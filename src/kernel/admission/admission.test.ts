import { readEnv } from '../../config/env.js';
import { Metrics } from '../observability/metrics.js';
import { Admission, type Pressure } from './admission.js';

const MERCHANT = 'merchant/test';
const BURST = 3;

class Switch implements Pressure {
  readonly name = 'a_switch';
  on = false;
  places = Infinity;
  room(): number {
    return this.on ? -Infinity : this.places;
  }
}

let admission: Admission;
let metrics: Metrics;
let pressure: Switch;
beforeEach(() => {
  metrics = new Metrics();
  const env = readEnv({
    MERCHANT_RATE_PER_SECOND: '1',
    MERCHANT_BURST: String(BURST),
    MERCHANT_MAX_IN_FLIGHT: String(BURST + 1),
  });
  admission = new Admission(env, metrics);
  pressure = new Switch();
  admission.onPressure(pressure);
});

const admitBurst = (): void => {
  for (let each = 0; each < BURST; each += 1) admission.admit('charge', MERCHANT).release();
};

describe('admission', () => {
  it('lets a merchant have what is theirs, and says when it is used up', () => {
    admitBurst();
    expect(() => admission.admit('charge', MERCHANT)).toThrow('service.rate_limited');
    expect(admission.refusal('charge', MERCHANT)).toMatchObject({
      code: 'service.rate_limited',
      retryAfterSeconds: 1,
    });
    expect(admission.refusal('charge', 'another/test')).toBeUndefined();
  });

  it('takes nothing by looking', () => {
    for (let each = 0; each < 100; each += 1) expect(admission.refusal('charge', MERCHANT)).toBeUndefined();
    admitBurst();
  });

  it('takes nothing from a merchant who is refused for our sake', () => {
    pressure.on = true;
    for (let each = 0; each < 100; each += 1)
      expect(() => admission.admit('charge', MERCHANT)).toThrow('service.overloaded');
    pressure.on = false;
    admitBurst();
  });

  it('refuses charges and other writes under pressure, but neither reads nor webhooks', () => {
    pressure.on = true;
    expect(admission.refusal('charge', undefined)?.code).toBe('service.overloaded');
    expect(admission.refusal('write', undefined)?.code).toBe('service.overloaded');
    expect(admission.refusal('read', undefined)).toBeUndefined();
    expect(admission.refusal('webhook', undefined)).toBeUndefined();
  });

  it('does not send away whom the door has let in by mistake, as long as they are not many', () => {
    pressure.places = -1;
    expect(admission.room('charge')).toBe(-1);
    expect(admission.refusal('charge', undefined)).toBeUndefined();
    expect(admission.refusal('write', undefined)?.code).toBe('service.overloaded');
    pressure.places = -256;
    expect(admission.refusal('charge', undefined)?.code).toBe('service.overloaded');
    pressure.places = Infinity;
    const all = admission.room('charge');
    for (let each = 0; each < all; each += 1) admission.admit('charge', undefined);
    expect(admission.room('charge')).toBe(0);
    for (let each = 0; each < 256; each += 1) admission.admit('charge', undefined);
    expect(() => admission.admit('charge', undefined)).toThrow('service.overloaded');
  });

  it('keeps the places of charges from what gives way to them', () => {
    const all = admission.room('charge');
    for (let each = 0; each < all && admission.refusal('read', undefined) === undefined; each += 1)
      admission.admit('read', undefined);
    expect(() => admission.admit('read', undefined)).toThrow('service.overloaded');
    expect(admission.room('charge')).toBeGreaterThan(1);
    expect(admission.refusal('charge', undefined)).toBeUndefined();
  });

  it("names the merchant's own limit before ours: waiting for us would not help them", () => {
    admitBurst();
    pressure.on = true;
    expect(admission.refusal('charge', MERCHANT)?.code).toBe('service.rate_limited');
  });

  it('counts each refusal once, by its reason', async () => {
    pressure.on = true;
    admission.refusal('charge', MERCHANT);
    expect(() => admission.admit('charge', MERCHANT)).toThrow();
    const page = await metrics.registry.metrics();
    expect(page).toContain('sankofa_admission_refused_total{priority="charge",reason="a_switch"} 2');
  });
});

describe("a merchant's own limits", () => {
  const own = { version: 1, ratePerSecond: 1, burst: 1, maxInFlight: null };

  it('hold for that merchant alone, and are what it is told of', () => {
    const ticket = admission.admit('charge', MERCHANT, own);
    expect(ticket.rateLimit()).toEqual({ limit: 1, remaining: 0, resetSeconds: 1 });
    expect(() => admission.admit('charge', MERCHANT, own)).toThrow('service.rate_limited');
    expect(admission.rateLimit(MERCHANT)).toMatchObject({ limit: 1, remaining: 0 });
    const other = admission.admit('charge', 'another/test');
    expect(other.rateLimit()).toMatchObject({ limit: BURST, remaining: BURST - 1 });
  });

  it('hold from when they are heard of, and give nothing that was used up', () => {
    admitBurst();
    const more = { ...own, burst: 100, maxInFlight: 100 };
    expect(admission.refusal('charge', MERCHANT, more)?.code).toBe('service.rate_limited');
    expect(admission.rateLimit(MERCHANT)).toMatchObject({ limit: 100, remaining: 0 });
  });

  it('are those that were set last, in whatever order they are heard of, and go back to those of all', () => {
    expect(admission.refusal('charge', MERCHANT, { ...own, version: 2, burst: 2 })).toBeUndefined();
    expect(admission.refusal('charge', MERCHANT, own)).toBeUndefined();
    expect(admission.rateLimit(MERCHANT)?.limit).toBe(2);
    const none = { version: 3, ratePerSecond: null, burst: null, maxInFlight: null };
    expect(admission.refusal('charge', MERCHANT, none)).toBeUndefined();
    expect(admission.rateLimit(MERCHANT)?.limit).toBe(BURST);
  });

  it('bound how many are open, also of those that were let in before anybody knew whose they are', () => {
    const one = { ...own, burst: BURST, maxInFlight: 1 };
    const first = admission.admit('charge', undefined);
    first.identify(MERCHANT, one);
    const second = admission.admit('charge', undefined);
    expect(() => second.identify(MERCHANT, one)).toThrow('service.rate_limited');
    expect(second.rateLimit()).toMatchObject({ limit: BURST });
    second.release();
    expect(() => admission.admit('charge', MERCHANT, one)).toThrow('service.rate_limited');
    first.release();
    admission.admit('charge', MERCHANT, one).release();
  });
});
