/**
 * Loaded into a child before its own program: the channel to the parent closes however the parent ends, by SIGKILL too,
 * and the child ends with it. So no program needs to know that it has a parent.
 */
process.on('disconnect', () => process.exit(0));
