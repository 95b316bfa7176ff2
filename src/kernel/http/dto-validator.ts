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
import { findUnstorable } from './storable-text.js';

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
  readonly target: Class<object>;
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
      if (metadata.type === ValidationTypes.CONDITIONAL_VALIDATION) {
        const condition = metadata.constraints[0] as (object: object, value: unknown) => boolean;
        conditions.push(condition);
      } else if (metadata.type === ValidationTypes.NESTED_VALIDATION) {
        if (metadata.each) throw new TypeError(`${target.name}.${name}: lists of objects are not in the compiled plan`);
        const type = Reflect.getMetadata('design:type', target.prototype as object, name) as Class<object>;
        nested = planOf(type);
      } else if (metadata.type !== ValidationTypes.WHITELIST) {
        for (const constraint of storage.getTargetValidatorConstraints(metadata.constraintCls)) {
          const { instance } = constraint;
          const { constraints } = metadata;
          const check: Check = (value, object) =>
            instance.validate(value, { value, constraints, object, property: name, targetName: target.name }) === true;
          checks.push(metadata.each ? ofEach(check) : check);
        }
      }
    }
    return { name, checks, conditions, nested };
  });
  return { target, properties, names: new Set(properties.map((property) => property.name)) };
}

/** What is no list is checked itself, as class-validator does it: that it is one, IsArray says. */
const ofEach =
  (check: Check): Check =>
  (value, object) =>
    Array.isArray(value) ? value.every((element) => check(element, object)) : check(value, object);

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function accepts(plan: Plan, value: unknown): boolean {
  if (!isObject(value)) return false;
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
    const pointer = `${parent}/${escapePointer(error.property)}`;
    const own = Object.entries(error.constraints ?? {}).map(([rule, detail]) => ({
      pointer,
      code: codeOfRule(rule),
      detail,
    }));
    return [...own, ...fieldErrors(error.children ?? [], pointer)];
  });
}

/** Fields that no decorator speaks of, and nested objects that are missing or lists, which class-validator lets pass. */
function shapeErrors(plan: Plan, value: object, parent: string): FieldError[] {
  const object = value as Record<string, unknown>;
  const unknown = Object.keys(value)
    .filter((name) => !plan.names.has(name))
    .map((name) => ({
      pointer: `${parent}/${escapePointer(name)}`,
      code: 'unknown_field',
      detail: `property ${name} should not exist`,
    }));
  const nestedErrors = plan.properties.flatMap(({ name, conditions, nested }) => {
    const property = object[name];
    if (nested === undefined || conditions.some((condition) => !condition(object, property))) return [];
    const pointer = `${parent}/${name}`;
    return isObject(property)
      ? shapeErrors(nested, property, pointer)
      : [{ pointer, code: 'is_object', detail: `${name} must be an object` }];
  });
  return [...unknown, ...nestedErrors];
}

/**
 * The known fields of a body, as instances of the DTO's classes. class-transformer is not asked: it fails on members with
 * names like `constructor`, and walks through whatever a client has put into fields that nobody knows.
 */
function toInstance(plan: Plan, value: object): object {
  const instance = new plan.target();
  for (const { name, nested } of plan.properties) {
    const property = (value as Record<string, unknown>)[name];
    // What should be an object and is none is told by its shape alone.
    if (!Object.hasOwn(value, name) || (nested !== undefined && !isObject(property))) continue;
    Object.assign(instance, {
      [name]: nested !== undefined && isObject(property) ? toInstance(nested, property) : property,
    });
  }
  return instance;
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
  if (!isObject(body)) {
    throw new DomainError('request.invalid', {
      detail: 'The body must be a JSON object.',
      errors: [{ pointer: '', code: 'is_object' }],
    });
  }
  const plan = planOf(target);
  const errors = errorsOf(plan, body, '');
  if (errors.length === 0)
    throw new DomainError('request.invalid', { detail: 'The body does not have the right shape.' });
  throw new DomainError('request.invalid', { errors });
}

/** The broken rules of a value that the plan has refused; where class-validator has no words for it, of its shape. */
function errorsOf(plan: Plan, value: object, parent: string): FieldError[] {
  const worded = fieldErrors(validateSync(toInstance(plan, value), { forbidUnknownValues: true }), parent);
  const pointers = new Set(worded.map((error) => error.pointer));
  return [...worded, ...shapeErrors(plan, value, parent).filter((error) => !pointers.has(error.pointer))];
}

/**
 * Checks one of many elements of a list, of which each is told by its own pointer.
 * @param parent where it stands, for example `/payouts/17`
 * @returns the rules it breaks; none when it is what `target` says
 */
export function rowErrors(target: Class<object>, row: unknown, parent: string): FieldError[] {
  const plan = planOf(target);
  if (accepts(plan, row)) return [];
  if (!isObject(row)) return [{ pointer: parent, code: 'is_object' }];
  const errors = errorsOf(plan, row, parent);
  return errors.length > 0 ? errors : [{ pointer: parent, code: 'is_object', detail: 'does not have the right shape' }];
}

/**
 * Checks query parameters, with the DTO's transforms (numbers come as text).
 * @throws {DomainError} `request.invalid_parameter`.
 */
export function validateQuery<T extends object>(target: Class<T>, query: unknown): T {
  const instance = plainToInstance(target, query ?? {}, { exposeDefaultValues: true });
  const unstorable = findUnstorable(query);
  if (unstorable !== undefined) {
    throw new DomainError('request.invalid_parameter', {
      errors: [{ pointer: unstorable.slice(1), code: 'unstorable_character' }],
    });
  }
  const errors = validateSync(instance, { whitelist: true, forbidNonWhitelisted: true });
  if (errors.length > 0) {
    throw new DomainError('request.invalid_parameter', {
      errors: fieldErrors(errors, '').map((error) => ({ ...error, pointer: error.pointer.slice(1) })),
    });
  }
  return instance;
}
