/** The folder of one run of the tests, which is removed after it: in memory where there is enough of that. */
import { chmodSync, mkdtempSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Linux's file system in memory. A container's often holds 64 MB, and other systems have none. */
const IN_MEMORY = '/dev/shm';

/**
 * What a run's PostgreSQL has on disk at most: a gigabyte of write-ahead log (max_wal_size), twenty megabytes for each of the
 * few databases there are at a time, and as much again for tests that fill theirs.
 */
const NEEDED_BYTES = 2 * 1024 ** 3;

/** Programs under test need memory too. */
const NEEDED_FREE_BYTES = 2 * NEEDED_BYTES;

/**
 * Makes it. A database per test file, of 600 files each, comes and goes hundreds of times, and a file system on disk is slow at
 * that: ext4 without a journal looks through all files deleted of late before it makes another.
 */
export function makeRunFolder() {
  const folder = mkdtempSync(path.join(hasRoomInMemory() ? IN_MEMORY : os.tmpdir(), 'sankofa-run-'));
  // As root, PostgreSQL runs as another user, which has to walk through.
  chmodSync(folder, 0o711);
  return folder;
}

function hasRoomInMemory() {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize >= NEEDED_BYTES && os.freemem() >= NEEDED_FREE_BYTES;
  } catch {
    // There is no such folder.
    return false;
  }
}
