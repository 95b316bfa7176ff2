/** Injection token of the process's {@link Env}: `@Inject(ENV) env: Env`. */
export const ENV = Symbol('ENV');
