import { EnvError, readEnv } from './env.js';

const SMTP = { SMTP_URL: 'smtp://mail.example.com:587', MAIL_FROM: 'Sankofa <pay@example.com>' };
const SMS = { AFRICASTALKING_USERNAME: 'acme', AFRICASTALKING_API_KEY: 'atsk_canary' };

describe('settings of e-mail and SMS', () => {
  it('may all be left out: then both are off', () => {
    expect(readEnv({}).messages).toEqual({ language: 'en', keepDays: 90 });
  });

  it('turn a channel on together', () => {
    const { smtp, sms } = readEnv({ ...SMTP, ...SMS, AFRICASTALKING_SENDER_ID: 'ACME' }).messages;
    expect(smtp?.from).toEqual({ name: 'Sankofa', address: 'pay@example.com' });
    expect(sms).toEqual({
      username: 'acme',
      apiKey: 'atsk_canary',
      url: 'https://api.africastalking.com',
      senderId: 'ACME',
    });
  });

  it.each([
    [{ SMTP_URL: SMTP.SMTP_URL }, 'MAIL_FROM must be set where SMTP_URL is'],
    [{ MAIL_FROM: SMTP.MAIL_FROM }, 'SMTP_URL must be set where MAIL_FROM is'],
    [{ AFRICASTALKING_USERNAME: 'acme' }, 'AFRICASTALKING_API_KEY must be set where AFRICASTALKING_USERNAME is'],
    [{ AFRICASTALKING_API_KEY: 'atsk_canary' }, 'AFRICASTALKING_USERNAME must be set where AFRICASTALKING_API_KEY is'],
    [{ AFRICASTALKING_SENDER_ID: 'ACME' }, 'AFRICASTALKING_USERNAME must be set where AFRICASTALKING_SENDER_ID is'],
    [{ ALERTS_EMAIL: 'ops@example.com' }, 'SMTP_URL must be set where ALERTS_EMAIL is'],
    [{ ALERTS_PHONE: '+233241234567' }, 'AFRICASTALKING_USERNAME must be set where ALERTS_PHONE is'],
  ])('are refused by half, by name and never by value: %j', (given, problem) => {
    for (const NODE_ENV of ['development', 'production']) {
      expect(() => readEnv({ NODE_ENV, ...given })).toThrow(new EnvError(problem));
      expect(() => readEnv({ NODE_ENV, ...given })).not.toThrow(/canary|example\.com|acme/);
    }
  });

  it.each([
    { ...SMTP, MAIL_FROM: 'Sankofa <pay@example.com>\r\nBcc: all@example.com' },
    { ...SMTP, MAIL_FROM: 'not an address' },
    { ...SMTP, SMTP_URL: 'http://mail.example.com' },
    { ...SMS, AFRICASTALKING_API_KEY: 'two words' },
    { ...SMS, ALERTS_PHONE: '0241234567' },
    { ...SMTP, ALERTS_EMAIL: 'one@example.com, two@example.com' },
    { MESSAGE_LANGUAGE: 'de' },
    { MESSAGE_KEEP_DAYS: '1' },
  ])('are refused where they are none: %j', (given) => {
    expect(() => readEnv(given)).toThrow(EnvError);
  });

  it('speak to servers elsewhere over TLS alone in production', () => {
    const of = (given: Record<string, string>) => readEnv({ NODE_ENV: 'production', ...given }).messages;
    expect(of(SMTP).smtp?.requireTls).toBe(true);
    expect(of({ ...SMTP, SMTP_URL: 'smtp://127.0.0.1:25' }).smtp?.requireTls).toBe(false);
    expect(readEnv(SMTP).messages.smtp?.requireTls).toBe(false);
    expect(() => of({ ...SMS, AFRICASTALKING_URL: 'http://sms.example.com' })).toThrow(
      'AFRICASTALKING_URL must start with https:// in production',
    );
  });

  it("take the provider's trial for its trial's user", () => {
    expect(readEnv({ ...SMS, AFRICASTALKING_USERNAME: 'sandbox' }).messages.sms?.url).toBe(
      'https://api.sandbox.africastalking.com',
    );
  });
});
