/**
 * Runs class-validator's decorators cheaply. The library's own executor costs more than half of the hot path (it builds
 * error objects and promises for every property of every request); here the decorators of a class are read once into a
 * flat plan of checks, and only what fails the plan is given to class-validator, which then words the errors. The
 * decorators stay the single description of a DTO.
 */
import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, ValidationTypes, type ValidationError } from 'class-validator';
import { DomainError, type FieldError } from '../errors/domain-error.js';

type Class<T extends object> = new () => T;
type Check = (value: unknown, object: object) => boolean;

interface PropertyPlan {
  readonly name: string;
  readonly checks: readonly Check[];
  /** When any says no, the property is not looked at (IsOptional, ValidateIf). */
  readonly conditions: readonly ((object: object, value: unknown) => boolean)[];
  readonly nested: Plan | undefined;
}

interface Plan {
  readonly properties: readonly PropertyPlan[];
  readonly names: ReadonlySet<string>;
}

const plans = new WeakMap<Class<object>, Plan>();

function planOf(target: Class<object>): Plan {
  let plan = plans.get(target);
  if (plan === undefined) {
    plan = makePlan(target);
    plans.set(target, plan);
  }
  return plan;
}

function makePlan(target: Class<object>): Plan {
  const storage = getMetadataStorage();
  const byProperty = storage.groupByPropertyName(storage.getTargetValidationMetadatas(target, '', false, false));
  const properties = Object.entries(byProperty).map(([name, metadatas]): PropertyPlan => {
    const checks: Check[] = [];
    const conditions: ((object: object, value: unknown) => boolean)[] = [];
    let nested: Plan | undefined;
    for (const metadata of metadatas) {
      if (metadata.each) throw new TypeError(`${target.name}.${name}: validation of each element is not supported by the compiled plan`);
      if (metadata.type === ValidationTypes.CONDITIONAL_VALIDATION) {
        const condition = metadata.constraints[0] as (object: object, value: unknown) => boolean;
        conditions.push(condition);
      } else if (metadata.type === ValidationTypes.NESTED_VALIDATION) {
        const type = Reflect.getMetadata('design:type', target.prototype as object, name) as Class<object>;
        nested = planOf(type);
      } else if (metadata.type !== ValidationTypes.WHITELIST) {
        for (const constraint of storage.getTargetValidatorConstraints(metadata.constraintCls)) {
          const { instance } = constraint;
          checks.push((value, object) => instance.validate(value, { value, constraints: metadata.constraints, object, property: name, targetName: target.name }) === true);
        }
      }
    }
    return { name, checks, conditions, nested };
  });
  return { properties, names: new Set(properties.map((property) => property.name)) };
}

function accepts(plan: Plan, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const name of Object.keys(value)) if (!plan.names.has(name)) return false;
  const object = value as Record<string, unknown>;
  for (const { name, checks, conditions, nested } of plan.properties) {
    const property = object[name];
    if (conditions.some((condition) => !condition(object, property))) continue;
    for (const check of checks) if (!check(property, object)) return false;
    if (nested !== undefined && !accepts(nested, property)) return false;
  }
  return true;
}

function fieldErrors(errors: readonly ValidationError[], parent: string): FieldError[] {
  return errors.flatMap((error) => {
    const pointer = `${parent}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const own = Object.entries(error.constraints ?? {}).map(([rule, detail]) => ({ pointer, code: codeOfRule(rule), detail }));
    return [...own, ...fieldErrors(error.children ?? [], pointer)];
  });
}

/** `isInt` is `is_int`; the library's name for an unknown field is ours. */
function codeOfRule(rule: string): string {
  if (rule === 'whitelistValidation') return 'unknown_field';
  return rule.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Checks a parsed JSON body. Returns it as it is (no copy), typed as the DTO.
 * @throws {DomainError} `request.invalid` with a pointer and a rule for each fault.
 */
export function validateBody<T extends object>(target: Class<T>, body: unknown): T {
  if (accepts(planOf(target), body)) return body as T;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new DomainError('request.invalid', { detail: 'The body must be a JSON object.', errors: [{ pointer: '', code: 'is_object' }] });
  }
  const errors = validateSync(plainToInstance(target, body), { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  if (errors.length === 0) throw new DomainError('request.invalid', { detail: 'The body does not have the right shape.' });
  throw new DomainError('request.invalid', { errors: fieldErrors(errors, '') });
}

/**
 * Checks query parameters, with the DTO's transforms (numbers come as text).
 * @throws {DomainError} `request.invalid_parameter`.
 */
export function validateQuery<T extends object>(target: Class<T>, query: unknown): T {
  const instance = plainToInstance(target, query ?? {}, { exposeDefaultValues: true });
  const errors = validateSync(instance, { whitelist: true, forbidNonWhitelisted: true });
  if (errors.length > 0) {
    throw new DomainError('request.invalid_parameter', {
      errors: fieldErrors(errors, '').map((error) => ({ ...error, pointer: error.pointer.slice(1) })),
    });
  }
  return instance;
}
