/** One statement of a camt.053: its account, its balances, and whether its entries lead from the one to the other. */
import { exponentOf, fromDecimal, toDecimal, type Currency } from '../../../../kernel/money/money.js';
import type { Problems } from '../file-refused.js';
import type { CalendarDate, StatementSummary } from '../lines.js';
import type { BankEntry } from './entry.js';
import { amountOf, dayOf, directionOf, nameAt, report, signed } from './values.js';
import { elementAt, textAt, type XmlElement } from './xml-elements.js';

interface Balance {
  readonly code: string;
  /** Signed: below zero is overdrawn. */
  readonly minor: bigint;
  readonly currency: Currency;
  readonly on: CalendarDate | null;
  readonly element: XmlElement;
}

export class Statement {
  id: string | null = null;
  account: string | null = null;
  /** An entry could not be read, which has been said: that the sums differ then is no news. */
  damaged = false;
  private accountCurrency: string | undefined;
  /** What the entries must be in: known from the first of them on. */
  private currency: string | undefined;
  private readonly balances: Balance[] = [];
  private summary: XmlElement | undefined;
  private booked = 0;
  private other = 0;
  private creditMinor = 0n;
  private debitMinor = 0n;
  /** Of entries that are not booked, which some banks include in the sums that they state. */
  private otherCreditMinor = 0n;
  private otherDebitMinor = 0n;

  constructor(
    readonly element: XmlElement,
    private readonly problems: Problems,
  ) {}

  /** Takes any part of the statement but an entry. */
  part(element: XmlElement): void {
    if (element.name === 'Id') this.id = nameAt(element, this.problems) ?? null;
    else if (element.name === 'Acct') {
      const iban = nameAt(element, this.problems, 'Id', 'IBAN');
      this.account = iban ?? nameAt(element, this.problems, 'Id', 'Othr', 'Id') ?? null;
      this.accountCurrency = textAt(element, 'Ccy');
    } else if (element.name === 'Bal') this.balance(element);
    else if (element.name === 'TxsSummry') this.summary = element;
  }

  entry(entry: BankEntry): void {
    const { line, element } = entry;
    this.currency ??= this.accountCurrency ?? this.balances[0]?.currency ?? line.currency;
    if (line.currency !== this.currency) {
      report(this.problems, element, 'currency', `is in ${line.currency}, but the account is in ${this.currency}`);
    }
    const isCredit = line.direction === 'credit';
    if (line.status === 'booked') {
      this.booked += 1;
      if (isCredit) this.creditMinor += line.amountMinor;
      else this.debitMinor += line.amountMinor;
    } else {
      this.other += 1;
      if (isCredit) this.otherCreditMinor += line.amountMinor;
      else this.otherDebitMinor += line.amountMinor;
    }
  }

  /** Opening, closing and everything stated, against the entries. @returns undefined when it does not hold, which is reported */
  close(): StatementSummary | undefined {
    const { opening, closing } = this;
    if (opening === undefined || closing === undefined) {
      const which = opening === undefined ? 'opening balance (OPBD or PRCD)' : 'closing balance (CLBD)';
      report(
        this.problems,
        this.element,
        'balance',
        `statement ${this.name} has no ${which}, so nothing shows that it is complete`,
      );
      return undefined;
    }
    if (opening.currency !== closing.currency) {
      report(
        this.problems,
        closing.element,
        'currency',
        `closes in ${closing.currency}, but opened in ${opening.currency}`,
      );
      return undefined;
    }
    const currency = this.currency ?? this.accountCurrency ?? opening.currency;
    if (currency !== opening.currency) {
      report(
        this.problems,
        opening.element,
        'currency',
        `is in ${opening.currency}, but the account is in ${currency}`,
      );
    }
    this.checkPrevious(opening);
    if (!this.damaged) {
      this.checkSum(opening, closing);
      this.checkStated(opening.currency);
    }
    return {
      id: this.id,
      account: this.account,
      currency: opening.currency,
      openingMinor: opening.minor,
      closingMinor: closing.minor,
      openedOn: opening.on,
      closedOn: closing.on,
      bookedEntries: this.booked,
      otherEntries: this.other,
      creditMinor: this.creditMinor,
      debitMinor: this.debitMinor,
    };
  }

  private get name(): string {
    return this.id === null ? 'without an id' : this.id.slice(0, 60);
  }

  /** A statement of several pages has interim balances (ITBD) where it was cut into pages: the first opens, the last closes. */
  private get opening(): Balance | undefined {
    return this.of('OPBD')[0] ?? this.of('PRCD')[0] ?? this.of('ITBD')[0];
  }

  private get closing(): Balance | undefined {
    const interim = this.of('ITBD').at(-1);
    return this.of('CLBD')[0] ?? (interim === this.opening ? undefined : interim);
  }

  private of(code: string): Balance[] {
    return this.balances.filter((balance) => balance.code === code);
  }

  private balance(element: XmlElement): void {
    const code = textAt(element, 'Tp', 'CdOrPrtry', 'Cd') ?? '';
    // Available and forward balances include what is not booked.
    if (!['OPBD', 'PRCD', 'ITBD', 'CLBD'].includes(code)) return;
    const amount = amountOf(element, this.problems);
    const direction = directionOf(element, this.problems);
    const on = dayOf(elementAt(element, 'Dt'), this.problems);
    if (amount === undefined || direction === undefined || on === undefined) return;
    if (code !== 'ITBD' && this.of(code).length > 0) {
      report(this.problems, element, 'balance', `statement ${this.name} has two balances of kind ${code}`);
      return;
    }
    this.balances.push({ code, minor: signed(amount.minor, direction), currency: amount.currency, on, element });
  }

  private checkPrevious(opening: Balance): void {
    const previous = this.of('PRCD')[0];
    if (opening.code !== 'OPBD' || previous === undefined || previous.minor === opening.minor) return;
    const exponent = exponentOf(opening.currency);
    const text = `statement ${this.name} opens with ${toDecimal(opening.minor, exponent)}, but the one before closed with ${toDecimal(previous.minor, exponent)} ${opening.currency}`;
    report(this.problems, opening.element, 'balance', text);
  }

  private checkSum(opening: Balance, closing: Balance): void {
    const sum = opening.minor + this.creditMinor - this.debitMinor;
    if (sum === closing.minor) return;
    const exponent = exponentOf(opening.currency);
    const shown = (minor: bigint) => toDecimal(minor, exponent);
    const text =
      `statement ${this.name} opens with ${shown(opening.minor)}; its ${this.booked} booked entries (credits ${shown(this.creditMinor)}, ` +
      `debits ${shown(this.debitMinor)}) lead to ${shown(sum)}, but it closes with ${shown(closing.minor)} ${opening.currency}, ` +
      `which differs by ${shown(closing.minor - sum)}`;
    report(this.problems, closing.element, 'balance', text);
  }

  /** Counts and sums of TxsSummry. Banks differ in whether pending entries are in them: either is right. */
  private checkStated(currency: Currency): void {
    const stated: readonly (readonly [group: string, field: string, booked: bigint, all: bigint])[] = [
      ['TtlNtries', 'NbOfNtries', BigInt(this.booked), BigInt(this.booked + this.other)],
      [
        'TtlNtries',
        'Sum',
        this.creditMinor + this.debitMinor,
        this.creditMinor + this.debitMinor + this.otherCreditMinor + this.otherDebitMinor,
      ],
      ['TtlCdtNtries', 'Sum', this.creditMinor, this.creditMinor + this.otherCreditMinor],
      ['TtlDbtNtries', 'Sum', this.debitMinor, this.debitMinor + this.otherDebitMinor],
    ];
    for (const [group, field, booked, all] of stated) {
      const element = elementAt(this.summary, group, field);
      if (element === undefined || element.text === '') continue;
      const exponent = field === 'Sum' ? exponentOf(currency) : 0;
      const value = fromDecimal(element.text, exponent);
      if (value !== undefined && (value === booked || value === all)) continue;
      const text = `${group} of statement ${this.name} says ${element.text.slice(0, 30)}, but its booked entries make ${toDecimal(booked, exponent)}`;
      report(this.problems, element, 'total', text);
    }
  }
}
