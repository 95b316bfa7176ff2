/*
 * Checked before anything else is loaded, so this file is written in syntax that even an old Node can read.
 * 20.19 and 22.12 are the first of their lines in which CommonJS packages can load ES modules, which NestJS 12 needs.
 */
const parts = process.versions.node.split('.').map(Number);
const major = parts[0];
const minor = parts[1];

export const nodeIsRecentEnough = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;

export const nodeTooOld =
  'sankofa: Node ' + process.versions.node + ' is too old; Node 20.19, 22.12 or any later version is needed.';
