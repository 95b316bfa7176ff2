/**
 * How large a file the test of bounded memory reads. 20 MB every day, which show growth as well as more do;
 * `LARGE_FILES_MB=100` before a release of the reader.
 */
export const LARGE_FILES_MB = Number(process.env['LARGE_FILES_MB'] ?? 20);
