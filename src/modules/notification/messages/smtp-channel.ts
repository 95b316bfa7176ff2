/** E-mail over SMTP: a connection per mail, so that what went wrong is of that mail. */
import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpSettings } from '../../../config/message-settings.js';
import type { AttemptOutcome } from './attempt-outcome.js';
import type { RenderedMail } from './render-message.js';

/** From the first packet to the server's word that it has taken the mail. */
export const ATTEMPT_TIMEOUT_MS = 30_000;
/** A server that is there answers within a second. */
const CONNECT_TIMEOUT_MS = 10_000;
const SMTPS_PORT = 465;
const SUBMISSION_PORT = 587;

export interface Mail extends RenderedMail {
  /** Of the message: the same at every attempt, so that mailboxes that take a mail twice show it once. */
  readonly id: string;
  readonly to: string;
}

interface SmtpError extends Error {
  readonly code?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly command?: string | undefined;
}

/** In answer to these a server judges this mail; to the others it judges us. */
const OF_THE_MAIL: ReadonlySet<string> = new Set(['RCPT TO', 'DATA']);
const TAKES_OR_NOT: ReadonlySet<string> = new Set([...OF_THE_MAIL, 'MAIL FROM']);

export class SmtpChannel {
  private readonly host: string;
  private readonly port: number;
  private readonly secure: boolean;
  private readonly login: { readonly user: string; readonly pass: string } | undefined;

  constructor(
    private readonly settings: SmtpSettings,
    private readonly timeoutMs = ATTEMPT_TIMEOUT_MS,
  ) {
    const url = new URL(settings.url);
    this.secure = url.protocol === 'smtps:';
    this.host = url.hostname.replace(/^\[|\]$/g, '');
    this.port = url.port === '' ? (this.secure ? SMTPS_PORT : SUBMISSION_PORT) : Number(url.port);
    this.login =
      url.username === ''
        ? undefined
        : { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  }

  /** Never throws. */
  async send(mail: Mail): Promise<AttemptOutcome> {
    const source = await this.compose(mail);
    return new Promise((resolve) => {
      new SmtpAttempt(this.connection(), this.login, this.timeoutMs, resolve).begin(
        { from: this.settings.from.address, to: [mail.to], size: source.length },
        source,
      );
    });
  }

  private connection(): SMTPConnection {
    return new SMTPConnection({
      host: this.host,
      port: this.port,
      secure: this.secure,
      requireTLS: this.settings.requireTls,
      connectionTimeout: Math.min(CONNECT_TIMEOUT_MS, this.timeoutMs),
      greetingTimeout: Math.min(CONNECT_TIMEOUT_MS, this.timeoutMs),
      socketTimeout: this.timeoutMs,
      tls: { minVersion: 'TLSv1.2' },
    });
  }

  private compose({ id, to, subject, text, html }: Mail): Promise<Buffer> {
    const { from } = this.settings;
    return new MailComposer({
      from,
      // As an object: nothing is parsed out of it.
      to: { name: '', address: to },
      subject,
      text,
      html,
      messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
      // RFC 3834: no holiday notes in answer, please.
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    })
      .compile()
      .build();
  }
}

/** One mail on its way: says once what came of it, whatever the connection tells afterwards. */
class SmtpAttempt {
  private readonly timer: NodeJS.Timeout;
  /** The server has asked for the mail and gets it: from here on only its word tells whether it has it. */
  private handedOver = false;
  private over = false;

  constructor(
    private readonly connection: SMTPConnection,
    private readonly login: { readonly user: string; readonly pass: string } | undefined,
    timeoutMs: number,
    private readonly resolve: (outcome: AttemptOutcome) => void,
  ) {
    this.timer = setTimeout(() => this.failed(new Error('timeout')), timeoutMs);
  }

  begin(envelope: { readonly from: string; readonly to: string[]; readonly size: number }, source: Buffer): void {
    this.connection.on('error', (error: Error) => this.failed(error));
    this.connection.connect((error) => {
      if (error !== undefined && error !== null) this.failed(error);
      else if (this.login === undefined) this.send(envelope, source);
      else
        this.connection.login({ ...this.login }, (refused) => {
          if (refused !== undefined && refused !== null) this.failed(refused);
          else this.send(envelope, source);
        });
    });
  }

  private send(
    envelope: { readonly from: string; readonly to: string[]; readonly size: number },
    source: Buffer,
  ): void {
    if (this.over) return;
    const message = Readable.from(
      handOver(source, () => {
        this.handedOver = true;
      }),
    );
    this.connection.send(envelope, message, (error, info) => {
      if (error === undefined || error === null) this.end({ kind: 'sent', providerId: info?.serverMessageId });
      else this.failed(error);
    });
  }

  private failed(error: SmtpError): void {
    this.end(outcomeOf(error, this.handedOver));
  }

  private end(outcome: AttemptOutcome): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.resolve(outcome);
    if (outcome.kind === 'sent') this.connection.quit();
    else this.connection.close();
  }
}

/** Is read from only once the server has said that it will take the mail. */
function* handOver(source: Buffer, begun: () => void): Generator<Buffer> {
  begun();
  yield source;
}

/** Of the error only its code is kept: servers repeat addresses in their words. */
function outcomeOf({ code, responseCode, command = '' }: SmtpError, handedOver: boolean): AttemptOutcome {
  const verb = command.split(' ')[0] === 'AUTH' ? 'AUTH' : command;
  if (responseCode !== undefined && TAKES_OR_NOT.has(verb)) {
    const error = `smtp_${responseCode}`;
    return responseCode >= 500 && OF_THE_MAIL.has(verb) ? { kind: 'refused', error } : { kind: 'not_sent', error };
  }
  const error = responseCode === undefined ? nameOf(code) : `smtp_${responseCode}`;
  return handedOver ? { kind: 'unknown', error } : { kind: 'not_sent', error };
}

const NAMES: Readonly<Record<string, string>> = {
  ECONNECTION: 'connection',
  ESOCKET: 'connection',
  EDNS: 'dns',
  ETLS: 'tls',
  EAUTH: 'authentication',
  ETIMEDOUT: 'timeout',
  EENVELOPE: 'envelope',
};

function nameOf(code: string | undefined): string {
  return NAMES[code ?? ''] ?? 'timeout';
}
