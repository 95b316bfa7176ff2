/**
 * The OpenAPI document: routes from Nest's metadata (@nestjs/swagger), bodies and query parameters from the DTOs given to
 * `@ValidBody` and `@ValidQuery`, security from the audience of each handler, and problem+json for everything else.
 */
import 'reflect-metadata';
import type { INestApplication, Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { AUDIENCE, type Audience } from '../access/access.js';
import { CSRF_HEADER, SESSION_COOKIE } from '../access/session-token.js';
import { ERROR_REGISTRY } from '../errors/registry.js';
import { z } from 'zod';
import { ANSWERS_OF, type Answer } from './answers.js';
import { DESCRIPTION_OF, type OperationText } from './described.js';
import { propertiesOf, schemaOf, type JsonSchema } from './openapi-schemas.js';
import { streamedBodyOf } from './streamed-bodies.js';
import { ValidBody, ValidQuery } from './validated.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];
type Dto = Type<object>;

/** What createParamDecorator leaves in the metadata of a handler. */
interface CustomArgument {
  readonly factory?: unknown;
  readonly data?: unknown;
}

interface Handler {
  readonly operationId: string;
  readonly audience: Audience | undefined;
  readonly body: Dto | undefined;
  /** Of a body that is a file: the content types that are taken. */
  readonly files: readonly string[] | undefined;
  readonly query: Dto | undefined;
  readonly text: OperationText | undefined;
  readonly answers: Readonly<Record<number, Answer>> | undefined;
}

const DESCRIPTION = `Payments for West African fintechs. Amounts are integers in minor units (XOF, XAF and GNF have none).
Every error is \`application/problem+json\`; decide by its \`code\`. Requests that move money carry an \`Idempotency-Key\`:
the same key with the same body gives the same answer, byte for byte, however often it is sent.`;

/** How whom a handler is for shows who they are: any of these. */
const SCHEMES: Readonly<Record<Audience, readonly string[]>> = {
  merchant: ['merchant'],
  admin: ['admin', 'session'],
  session: ['session'],
  public: [],
};

const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `type` leads to a page about it.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string', enum: Object.keys(ERROR_REGISTRY).toSorted() },
    request_id: { type: 'string' },
    retryable: { type: 'boolean', description: 'The same request, with the same key, may be sent again.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { pointer: { type: 'string' }, code: { type: 'string' }, detail: { type: 'string' } },
        required: ['pointer', 'code'],
      },
    },
  },
  required: ['type', 'title', 'status', 'instance', 'code', 'request_id', 'retryable'],
};

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Sankofa')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'sk_test_... or sk_live_...' }, 'merchant')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'ak_...' }, 'admin')
    .addCookieAuth(
      SESSION_COOKIE,
      {
        type: 'apiKey',
        in: 'cookie',
        name: SESSION_COOKIE,
        description: `Of a person who signed in. What changes anything carries ${CSRF_HEADER} besides.`,
      },
      'session',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: operationIdOf });
  document.components = { ...document.components, schemas: { ...document.components?.schemas, Problem: PROBLEM } };
  const named: Record<string, JsonSchema> = {};
  const handlers = new Map(handlersOf(app).map((handler) => [handler.operationId, handler]));
  for (const [route, item] of Object.entries(document.paths)) {
    for (const operation of Object.values(item) as Operation[]) {
      const handler = handlers.get(operation.operationId ?? '');
      if (handler !== undefined) complete(operation, handler, route, named);
    }
  }
  document.components.schemas = { ...document.components.schemas, ...named };
  return document;
}

function operationIdOf(controller: string, method: string): string {
  return `${controller.replace(/Controller$/, '')}.${method}`;
}

/** Every handler of every mounted controller, with what our own decorators say about it. */
function handlersOf(app: INestApplication): readonly Handler[] {
  const bodyFactory = factoryOf(ValidBody);
  const queryFactory = factoryOf(ValidQuery);
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const prototype = metatype.prototype as Record<string, unknown>;
    return Object.getOwnPropertyNames(prototype).flatMap((method): Handler[] => {
      const target = method === 'constructor' ? undefined : prototype[method];
      if (typeof target !== 'function') return [];
      const dtoOf = (factory: unknown): Dto | undefined => {
        const found = argumentsOf(metatype, method).find((argument) => argument.factory === factory);
        return typeof found?.data === 'function' ? (found.data as Dto) : undefined;
      };
      const audience: unknown = Reflect.getMetadata(AUDIENCE, target) ?? Reflect.getMetadata(AUDIENCE, metatype);
      return [
        {
          operationId: operationIdOf(metatype.name, method),
          audience: audience as Audience | undefined,
          body: dtoOf(bodyFactory),
          files: streamedBodyOf(Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, target))?.types,
          query: dtoOf(queryFactory),
          text: Reflect.getMetadata(DESCRIPTION_OF, target) as OperationText | undefined,
          answers: Reflect.getMetadata(ANSWERS_OF, target) as Handler['answers'],
        },
      ];
    });
  });
}

function argumentsOf(controller: object, method: string): readonly CustomArgument[] {
  const all: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method);
  return Object.values((all ?? {}) as Readonly<Record<string, CustomArgument>>);
}

/** A parameter decorator is known in metadata by its factory only; putting it on a class of our own shows which it is. */
function factoryOf(decorator: (dto: Dto) => ParameterDecorator): unknown {
  class Probe {}
  decorator(Probe)(Probe.prototype, 'probe', 0);
  return argumentsOf(Probe, 'probe')[0]?.factory;
}

/** @param named takes the schemas that answers give a name to */
function complete(operation: Operation, handler: Handler, route: string, named: Record<string, JsonSchema>): void {
  const tag = route.split('/').find((part) => part !== '' && !['v1', 'admin'].includes(part)) ?? 'api';
  operation.tags = [route.startsWith('/admin/') ? `admin: ${tag}` : tag];
  if (handler.text !== undefined) Object.assign(operation, handler.text);
  operation.summary ??= wordsOf(operation.operationId ?? '');
  operation.security = SCHEMES[handler.audience ?? 'public'].map((scheme) => ({ [scheme]: [] }));
  if (handler.body !== undefined) {
    operation.requestBody = { required: true, content: { 'application/json': { schema: schemaOf(handler.body) } } };
  }
  if (handler.files !== undefined) {
    const file: JsonSchema = { type: 'string', format: 'binary' };
    const content = Object.fromEntries(handler.files.map((type) => [type, { schema: file }]));
    operation.requestBody = { required: true, content };
  }
  if (handler.query !== undefined) {
    const parameters = propertiesOf(handler.query).map((property): Parameter => ({ ...property, in: 'query' }));
    operation.parameters = [...(operation.parameters ?? []), ...parameters];
  }
  if (handler.answers !== undefined) operation.responses = answersOf(handler.answers, named);
  for (const response of Object.values(operation.responses)) {
    if (response !== undefined && 'description' in response && response.description === '')
      response.description = 'Done';
  }
  operation.responses['default'] = {
    description: 'A problem',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function answersOf(
  answers: Readonly<Record<number, Answer>>,
  named: Record<string, JsonSchema>,
): Operation['responses'] {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema }]) => {
      if (schema === undefined) return [status, { description }];
      return [status, { description, content: { 'application/json': { schema: publishedSchema(schema, named) } } }];
    }),
  );
}

/** A schema with a name (`.meta({ id })`) stands once among the document's components, however many answers hold it. */
function publishedSchema(schema: z.ZodType, named: Record<string, JsonSchema>): JsonSchema {
  // The outermost one is never referred to by its name, so it is put into another.
  const written = JSON.stringify(z.toJSONSchema(z.object({ answer: schema })));
  const { properties, $defs } = JSON.parse(written.replaceAll('#/$defs/', '#/components/schemas/')) as {
    readonly properties: { readonly answer: JsonSchema };
    readonly $defs?: Readonly<Record<string, JsonSchema>>;
  };
  for (const [name, { id: _, ...definition }] of Object.entries($defs ?? {})) named[name] = definition;
  return properties.answer;
}

/** `Merchants.createKey` is "create key". */
function wordsOf(operationId: string): string {
  return (operationId.split('.')[1] ?? operationId).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
