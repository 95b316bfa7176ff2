/**
 * JSON Schemas of DTOs, read from their class-validator decorators: the rules that requests are checked by are the rules
 * that are published, with nothing to keep in step.
 */
import 'reflect-metadata';
import { getMetadataStorage, ValidationTypes } from 'class-validator';

export type JsonSchema = Record<string, unknown>;
type Class = abstract new (...args: never[]) => unknown;

interface Rule {
  readonly type: string;
  readonly name?: string | undefined;
  readonly constraints?: readonly unknown[];
  /** It is about each item of a list. */
  readonly each: boolean;
}

/** What each rule of class-validator says in JSON Schema; rules that are not here say nothing there. */
const KEYWORDS: Readonly<Record<string, (constraints: readonly unknown[]) => JsonSchema>> = {
  isString: () => ({ type: 'string' }),
  isBoolean: () => ({ type: 'boolean' }),
  isInt: () => ({ type: 'integer' }),
  isNumber: () => ({ type: 'number' }),
  isObject: () => ({ type: 'object' }),
  isArray: () => ({ type: 'array' }),
  isEmail: () => ({ type: 'string', format: 'email' }),
  isUrl: () => ({ type: 'string', format: 'uri' }),
  isUuid: () => ({ type: 'string', format: 'uuid' }),
  isMoment: () => ({ type: 'string', format: 'date-time' }),
  isRfc3339: () => ({ type: 'string', format: 'date-time' }),
  min: ([minimum]) => ({ minimum }),
  max: ([maximum]) => ({ maximum }),
  minLength: ([minLength]) => ({ minLength }),
  maxLength: ([maxLength]) => ({ maxLength }),
  isLength: ([minLength, maxLength]) => ({ minLength, ...(maxLength === undefined ? {} : { maxLength }) }),
  matches: ([pattern]) => (pattern instanceof RegExp ? { pattern: pattern.source } : {}),
  isIn: ([values]) => (Array.isArray(values) ? { enum: values } : {}),
  isEnum: ([values]) => (typeof values === 'object' && values !== null ? { enum: Object.values(values) } : {}),
  equals: ([value]) => ({ const: value }),
  isListOf: ([item, minItems, maxItems]) => ({ type: 'array', items: schemaOf(item as Class), minItems, maxItems }),
  arrayMinSize: ([minItems]) => ({ minItems }),
  arrayMaxSize: ([maxItems]) => ({ maxItems }),
};

export interface DtoProperty {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

/** The properties of a DTO in the order of their decorators. */
export function propertiesOf(dto: Class): readonly DtoProperty[] {
  const storage = getMetadataStorage();
  const byProperty = storage.groupByPropertyName(storage.getTargetValidationMetadatas(dto, '', false, false));
  return Object.entries(byProperty).map(([name, rules]) => {
    const designType: unknown = Reflect.getMetadata('design:type', dto.prototype as object, name);
    const schema: JsonSchema = {};
    const items: JsonSchema = {};
    for (const rule of rules) Object.assign(rule.each ? items : schema, keywordsOf(rule, designType));
    if (Object.keys(items).length > 0) schema['items'] = items;
    const required = !rules.some((rule) => rule.type === ValidationTypes.CONDITIONAL_VALIDATION);
    return { name, required, schema };
  });
}

/** The schema of a body. Unknown fields are refused, so the schema says so. */
export function schemaOf(dto: Class): JsonSchema {
  const properties = propertiesOf(dto);
  const required = properties.filter((property) => property.required).map((property) => property.name);
  return {
    type: 'object',
    properties: Object.fromEntries(properties.map(({ name, schema }) => [name, schema])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function keywordsOf(rule: Rule, designType: unknown): JsonSchema {
  if (rule.type === ValidationTypes.NESTED_VALIDATION) {
    return typeof designType === 'function' ? schemaOf(designType as Class) : {};
  }
  return KEYWORDS[rule.name ?? '']?.(rule.constraints ?? []) ?? {};
}
