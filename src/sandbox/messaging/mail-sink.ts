/** A mail server that takes every mail and brings none: what it took is read from the control API. */
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { KeptMessages } from './kept-messages.js';

/** Larger than any message of a program that sends no attachments. Bytes. */
const MAX_MAIL_BYTES = 1_048_576;

/** Closing waits so long for who is still sending. Milliseconds. */
const CLOSE_TIMEOUT_MS = 500;

export class MailSink {
  private readonly server: SMTPServer;

  constructor(
    private readonly host: string,
    private port: number,
    private readonly messages: KeptMessages,
  ) {
    this.server = new SMTPServer({
      // Loopback, for trials: nobody has a password here, nor a certificate.
      disabledCommands: ['AUTH', 'STARTTLS'],
      size: MAX_MAIL_BYTES,
      closeTimeout: CLOSE_TIMEOUT_MS,
      onData: (stream, session, done) => {
        this.take(stream, session).then(
          (id) => done(null, `kept as ${id}`),
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
        );
      },
    });
    // A client that goes away in the middle is no trouble of ours.
    this.server.on('error', () => undefined);
  }

  get url(): string {
    return `smtp://${this.host}:${this.port}`;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { server } = this.server;
      server.once('error', reject);
      this.server.listen(this.port, this.host, () => {
        server.off('error', reject);
        const address = server.address();
        if (typeof address === 'object' && address !== null) this.port = address.port;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.server.server.listening) this.server.close(() => resolve());
      else resolve();
    });
  }

  private async take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const mail = await PostalMime.parse(Buffer.concat(chunks));
    const { mailFrom, rcptTo } = session.envelope;
    const id = this.messages.nextId();
    for (const { address } of rcptTo)
      this.messages.keep({
        id,
        channel: 'email',
        from: mailFrom === false ? '' : mailFrom.address,
        to: address,
        subject: mail.subject ?? '',
        text: mail.text ?? '',
        ...(mail.html === undefined ? {} : { html: mail.html }),
        headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
        at: Date.now(),
      });
    return id;
  }
}
