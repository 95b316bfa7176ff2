/** Injection token of the process's {@link Env}: `@Inject(ENV) env: Env`. */
export const ENV = Symbol('ENV');

/** Injection token of the databases there are, as `readonly DatabaseHome[]`: where each module lives. */
export const HOMES = Symbol('HOMES');
