/** Which columns a mapping uses, and what for: said to operators when one is missing. */
import type { AmountSource, Column, CsvMapping } from './mapping.js';

export interface NamedColumn {
  /** Completes "No column for the ...". */
  readonly purpose: string;
  readonly column: Column;
}

/** Those without which a file cannot be read. */
export function requiredColumns(mapping: CsvMapping): NamedColumn[] {
  const named: NamedColumn[] = [];
  const add = (purpose: string, column: Column | undefined) => {
    if (column !== undefined) named.push({ purpose, column });
  };
  if (mapping.produces === 'gateway_lines') {
    if (mapping.optional !== 'id') add('id', mapping.columns.id);
    if (mapping.optional !== 'reference') add('reference', mapping.columns.reference);
    add('kind', 'column' in mapping.kind ? mapping.kind.column : undefined);
    add('status', 'column' in mapping.status ? mapping.status.column : undefined);
    for (const column of mapping.time.columns) add('time', column);
  } else {
    add('id', mapping.columns.id);
    add('account', mapping.columns.account);
    add('booking date', mapping.bookedOn.column);
    add('balance', mapping.balance?.column);
  }
  named.push(...amountColumns(mapping.amount));
  add('currency', 'column' in mapping.currency ? mapping.currency.column : undefined);
  return named;
}

function amountColumns(source: AmountSource): NamedColumn[] {
  if (source.from === 'debit_credit') {
    return [
      { purpose: 'debit', column: source.debit },
      { purpose: 'credit', column: source.credit },
    ];
  }
  const amount = { purpose: 'amount', column: source.column };
  return source.marker === undefined
    ? [amount]
    : [amount, { purpose: 'debit or credit mark', column: source.marker.column }];
}

/** All that may be used, the optional ones too. */
export function usedColumns(mapping: CsvMapping): NamedColumn[] {
  const named = requiredColumns(mapping);
  const add = (purpose: string, column: Column | undefined) => {
    if (column !== undefined) named.push({ purpose, column });
  };
  add('description', mapping.columns.description);
  if (mapping.produces === 'gateway_lines') {
    if (mapping.optional !== undefined) add(mapping.optional, mapping.columns[mapping.optional]);
    add('fee', mapping.fee?.column);
    add('net amount', mapping.net?.column);
    add('settlement id', mapping.columns.settlementId);
    for (const [name, column] of Object.entries(mapping.handles)) add(name, column);
  } else {
    add('value date', mapping.valueOn?.column);
    for (const [name, column] of Object.entries(mapping.references)) add(name, column);
  }
  return named;
}
