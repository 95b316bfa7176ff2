/** Makes of a message what its channel carries. */
import type { Language } from '../../../config/message-settings.js';
import { english } from './english.js';
import { french } from './french.js';
import { oneSms } from './gsm7.js';
import type { Kind, MessageData, Personal } from './message-kinds.js';
import type { Catalogue, Piece, Wording } from './wording.js';

/** A language without a catalogue does not compile. */
const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en: english, fr: french };

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Renderable<Name extends Kind> {
  readonly kind: Name;
  readonly language: Language;
  readonly data: MessageData[Name];
  readonly personal: Personal;
  /** How many things it tells of. */
  readonly count: number;
}

function word<Name extends Kind>({ kind, language, data, personal, count }: Renderable<Name>): Wording {
  return CATALOGUES[language][kind](data, personal, count);
}

export function renderMail<Name extends Kind>(message: Renderable<Name>): RenderedMail {
  const wording = word(message);
  const subject = oneLine(wording.subject);
  return { subject, text: toText(wording), html: toHtml(wording, subject, message.language) };
}

/** Undefined: the kind has none. */
export function renderSms<Name extends Kind>(message: Renderable<Name>): string | undefined {
  const [first, ...others] = word(message).sms;
  return first === undefined ? undefined : oneSms(first, ...others);
}

/** A header ends where its line does. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}

function toText({ pieces, because }: Wording): string {
  const paragraphs = pieces.map((piece) => {
    if ('text' in piece) return oneLine(piece.text);
    if ('link' in piece) return piece.link;
    return piece.facts.map(([name, value]) => `${oneLine(name)}: ${oneLine(value)}`).join('\n');
  });
  return `${[...paragraphs, '--', because].join('\n\n')}\n`;
}

/** One column, real headings and a table of facts: read aloud as well as on a small screen; nothing is loaded from anywhere. */
function toHtml({ pieces, because }: Wording, subject: string, language: Language): string {
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px;background:#ffffff;color:#1a1a1a;font-family:sans-serif;font-size:16px;line-height:1.5">
<main style="max-width:560px">
<h1 style="font-size:20px;margin:0 0 16px">${escapeHtml(subject)}</h1>
${pieces.map(pieceToHtml).join('\n')}
</main>
<footer style="max-width:560px;margin-top:32px;color:#595959;font-size:14px"><p>${escapeHtml(because)}</p></footer>
</body>
</html>
`;
}

function pieceToHtml(piece: Piece): string {
  if ('text' in piece) return `<p>${escapeHtml(piece.text)}</p>`;
  if ('link' in piece) {
    const address = escapeHtml(httpOnly(piece.link));
    return `<p><a href="${address}" style="color:#0b5394;font-weight:bold">${escapeHtml(piece.label)}</a></p>\n<p style="word-break:break-all;font-size:14px">${address}</p>`;
  }
  const rows = piece.facts.map(
    ([name, value]) =>
      `<tr><th scope="row" style="text-align:left;padding:4px 16px 4px 0;vertical-align:top">${escapeHtml(name)}</th><td style="padding:4px 0">${escapeHtml(value)}</td></tr>`,
  );
  return `<table style="border-collapse:collapse">${rows.join('')}</table>`;
}

/** The only links are our own; that one is anything else is a mistake of ours, not to be sent. */
function httpOnly(link: string): string {
  const { protocol } = new URL(link);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError('A link of a message must be http or https');
  return link;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return oneLine(text).replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
