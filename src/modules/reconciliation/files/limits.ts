/** What a file may hold at most. Each bound keeps a hostile or broken file from taking the process down, far above any honest one. */

/** Bytes. The largest export seen of a month of a busy merchant is about 100 MB; beyond this it is split by date. */
export const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Lines that count. What is remembered of each to find duplicates stands in a table of 20 bytes a slot that doubles as it fills; here
 * it has 42 MB, and would double again just beyond.
 */
export const MAX_LINES = 1_800_000;

/** UTF-16 code units in one cell. Narrations and metadata stay below 10,000; an unclosed quotation mark does not. */
export const MAX_CELL_LENGTH = 65_536;

/** UTF-16 code units in an id or a reference: gateways stay below 100, and an index of a database ends not far above. */
export const MAX_NAME_LENGTH = 255;

/** Cells in one row: spreadsheets end at 16,384 columns, exports at some 80. */
export const MAX_COLUMNS = 512;

/** Bytes looked at before the first line is read: enough for any preamble and some hundred rows. */
export const HEAD_BYTES = 64 * 1024;

/** Bytes handled at a time, whatever size the chunks come in: so that one huge chunk is not decoded at once. */
export const STEP_BYTES = 64 * 1024;

/** Rows among which a header is looked for: preambles with addresses and account data stay below 30. */
export const HEADER_WITHIN_ROWS = 50;

/** Lines handed over at once: about what one INSERT takes well. */
export const BATCH_LINES = 1_000;

/** Problems told: beyond a hundred they repeat each other. */
export const MAX_PROBLEMS = 100;

/** Elements inside each other: camt.053 needs 16. */
export const MAX_XML_DEPTH = 40;

/** Characters between two events of the XML parser, which it must keep in memory: a text, a comment, a tag with its attributes. */
export const MAX_XML_TOKEN_LENGTH = 1024 * 1024;

/** Elements held at once: an entry without its transactions, or one transaction. */
export const MAX_XML_ELEMENTS = 5_000;

/** Transactions in one batch entry: a bulk payment of a large payroll. */
export const MAX_PARTS = 50_000;

/** Statements in one message. */
export const MAX_STATEMENTS = 5_000;
