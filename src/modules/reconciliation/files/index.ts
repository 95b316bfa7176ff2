/** Reading what operations people upload, and writing what they download. Start at README.md. */
export { type ByteSource } from './bytes.js';
export { readCamt053 } from './camt053/read-camt053.js';
export {
  csvMappingSchema,
  type BankMapping,
  type CsvMapping,
  type CsvMappingInput,
  type GatewayMapping,
} from './csv/mapping.js';
export { SHIPPED_BANK_MAPPINGS, SHIPPED_GATEWAY_MAPPINGS } from './csv/mappings/index.js';
export { readBankCsv, readGatewayCsv } from './csv/read-csv.js';
export { writeCsv, type CsvValue, type WriteCsvOptions } from '../../../kernel/csv/write-csv.js';
export { FileRefused, type FileProblem, type FileProblemCode } from './file-refused.js';
export { inspectFile, type Inspection, type InspectOptions, type MappingFit, type PreviewRow } from './inspect-file.js';
export * from './lines.js';
export { LineRegister } from './line-register.js';
export { MAX_BYTES } from './limits.js';
export { peek, type Peeked } from './peek.js';
export { isXml, readStatement } from './read-statement.js';
