/** A row of a gateway's export to a line. */
import { quoted } from '../file-refused.js';
import type { Direction, FileLine, LineKind, LineStatus } from '../lines.js';
import { cellText } from './cells.js';
import type { Layout } from './layout.js';
import type { GatewayMapping, KindSource, StatusSource, TimeSource } from './mapping.js';
import { RowParts, type AmountOfRow, type Row, type RowReader } from './row-parts.js';
import { compileTimes } from './time-text.js';

/** Which way money goes by what it is. Fees may be given back and settlements corrected, so those two may go either way. */
const directions: Readonly<Record<LineKind, { usual: Direction; always: boolean }>> = {
  charge: { usual: 'credit', always: true },
  payout_return: { usual: 'credit', always: true },
  refund: { usual: 'debit', always: true },
  payout: { usual: 'debit', always: true },
  fee: { usual: 'debit', always: false },
  settlement: { usual: 'debit', always: false },
};

export function compileGatewayRow(mapping: GatewayMapping, layout: Layout): RowReader<FileLine> {
  const parts = new RowParts(mapping, layout);
  const idOf = parts.names(mapping.columns.id);
  const referenceOf = parts.names(mapping.columns.reference);
  const settlementOf = parts.names(mapping.columns.settlementId);
  const handlesOf = parts.named(mapping.handles);
  const descriptionAt = parts.at(mapping.columns.description);
  const kindOf = compileKind(mapping.kind, parts);
  const statusOf = compileStatus(mapping.status, parts);
  const currencyOf = parts.currency(mapping.currency);
  const amountOf = parts.amount(mapping.amount);
  const feeOf = parts.sideAmount(mapping.fee, 'up');
  const netOf = parts.sideAmount(mapping.net, 'down');
  const timeOf = compileTime(mapping.time, parts);

  return (row) => {
    const kindWord = kindOf(row);
    const status = statusOf(row);
    // Before anything else of the row is judged: what is left out may be incomplete.
    if (kindWord === 'ignore' || status === 'ignore') return 'ignored';
    const id = idOf(row);
    const reference = referenceOf(row);
    if (id === null && reference === null) {
      const at = Math.max(parts.at(mapping.columns.id), parts.at(mapping.columns.reference));
      row.report('value_missing', at, 'is empty: nothing says which transaction this is');
    }
    const currency = currencyOf(row);
    const occurredAt = timeOf(row);
    if (currency === undefined) return undefined;
    const amount = amountOf(row, currency);
    const feeMinor = feeOf(row, currency);
    const netMinor = netOf(row, currency);
    if (amount === undefined || feeMinor === undefined || netMinor === undefined) return undefined;
    const kind = kindWord === 'by_sign' ? signKind(mapping.kind, amount) : kindWord;
    if (kind === undefined || status === undefined || occurredAt === undefined) return undefined;
    const direction = directionOf(kind, amount, row, parts, mapping);
    if (direction === undefined || (id === null && reference === null)) return undefined;
    const line: FileLine = {
      line: row.record.line,
      id,
      reference,
      handles: handlesOf(row),
      kind,
      status,
      direction,
      amountMinor: amount.size,
      feeMinor,
      netMinor,
      currency,
      occurredAt,
      settlementId: settlementOf(row),
      description: descriptionAt === -1 ? null : cellText(row.record.cells, descriptionAt) || null,
    };
    return {
      line,
      feeMinor,
      key: keyOf(line, mapping.unique),
      content: contentOf(line),
      written: {
        currency,
        amount: amount.written,
        debit: direction === 'debit' ? amount.size : 0n,
        credit: direction === 'credit' ? amount.size : 0n,
        fee: mapping.fee?.sign === 'inverted' ? -(feeMinor ?? 0n) : (feeMinor ?? 0n),
        net: mapping.net?.sign === 'inverted' ? -(netMinor ?? 0n) : (netMinor ?? 0n),
      },
    };
  };
}

function compileKind(source: KindSource, parts: RowParts): (row: Row) => LineKind | 'ignore' | 'by_sign' | undefined {
  if ('constant' in source) return () => source.constant;
  if ('bySign' in source) return () => 'by_sign';
  return parts.words(source, 'kind of transaction');
}

function compileStatus(source: StatusSource, parts: RowParts): (row: Row) => LineStatus | 'ignore' | undefined {
  if ('constant' in source) return () => source.constant;
  return parts.words(source, 'status');
}

function signKind(source: KindSource, amount: AmountOfRow): LineKind | undefined {
  if (!('bySign' in source)) return undefined;
  return amount.direction === 'debit' ? source.bySign.debit : source.bySign.credit;
}

function directionOf(
  kind: LineKind,
  amount: AmountOfRow,
  row: Row,
  parts: RowParts,
  mapping: GatewayMapping,
): Direction | undefined {
  const { usual, always } = directions[kind];
  const { direction = usual } = amount;
  if (direction === usual || !always) return direction;
  const at = parts.at(mapping.amount.from === 'column' ? mapping.amount.column : mapping.amount[direction]);
  row.report(
    'sign',
    at,
    `${quoted(cellText(row.record.cells, at))} is a ${direction}, but a ${kind.replace('_', ' ')} never is`,
  );
  return undefined;
}

function compileTime(source: TimeSource, parts: RowParts): (row: Row) => Date | undefined {
  const columns = source.columns.map((column) => parts.at(column));
  const read = compileTimes(source);
  return ({ record, report }) => {
    const text = columns
      .map((at) => cellText(record.cells, at))
      .join(' ')
      .trim();
    const at = columns[0] ?? -1;
    if (text === '') {
      report('value_missing', at, 'is empty: no time');
      return undefined;
    }
    const reading = read(text);
    if ('at' in reading) return reading.at;
    report('time', at, `${quoted(text)} ${reading.problem}`);
    return undefined;
  };
}

/** What a line is told apart by; null when it has none, and then nothing can be said of repetitions. */
function keyOf(line: FileLine, unique: GatewayMapping['unique']): string | null {
  const name = unique.startsWith('id') ? line.id : line.reference;
  return name === null || !unique.endsWith('kind') ? name : `${line.kind} ${name}`;
}

/** What must be the same for two lines of one id to be the same line. Row numbers and descriptions may differ. */
function contentOf(line: FileLine): string {
  const { reference, kind, status, direction, amountMinor, feeMinor, netMinor, currency, settlementId, occurredAt } =
    line;
  const told = `${kind} ${status} ${direction} ${amountMinor} ${feeMinor} ${netMinor} ${currency} ${occurredAt.getTime()}`;
  let content = `${told}\u001f${reference}\u001f${settlementId}`;
  for (const name in line.handles) content += `\u001f${name}\u001f${line.handles[name]}`;
  return content;
}
