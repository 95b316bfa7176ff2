import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min, ValidateIf, ValidateNested, MaxLength } from 'class-validator';
import { DomainError } from '../errors/domain-error.js';
import { validateBody, validateQuery } from './dto-validator.js';
import { PageQuery } from './pagination.js';

class InnerDto {
  @IsString()
  @Length(1, 5)
  word!: string;
}

class OuterDto {
  @IsInt()
  @Min(1)
  @Max(10)
  count!: number;

  @ValidateNested()
  @Type(() => InnerDto)
  inner!: InnerDto;

  @IsOptional()
  @ValidateNested()
  @Type(() => InnerDto)
  more?: InnerDto;

  @ValidateIf((object: OuterDto) => object.count > 5)
  @IsString()
  reason?: string;
}

class ListDto {
  @IsString({ each: true })
  @MaxLength(3, { each: true })
  words!: string[];
}

class ObjectsDto {
  @ValidateNested({ each: true })
  @Type(() => InnerDto)
  inner!: InnerDto[];
}

const valid = { count: 3, inner: { word: 'abc' } };

/** Pointer and rule of each fault. */
function faults(body: unknown, target: new () => object = OuterDto): string[] {
  try {
    validateBody(target, body);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'request.invalid') throw error;
    return error.errors.map(({ pointer, code }) => `${pointer} ${code}`);
  }
}

describe('checking a body against its DTO', () => {
  it('returns the very object that was given', () => {
    expect(validateBody(OuterDto, valid)).toBe(valid);
    expect(faults({ ...valid, more: { word: 'x' } })).toEqual([]);
    for (const absent of [null, undefined]) expect(faults({ ...valid, more: absent })).toEqual([]);
  });

  it('points at every fault', () => {
    expect(faults({ count: 0, inner: { word: '' } })).toEqual(['/count min', '/inner/word is_length']);
    expect(faults({ count: '3', inner: { word: 4 } }).sort()).toEqual(
      ['/count is_int', '/count max', '/count min', '/inner/word is_length', '/inner/word is_string'].sort(),
    );
  });

  it('refuses fields it does not know, at any depth, with pointers by RFC 6901', () => {
    expect(faults({ ...valid, 'a/b~c': 1 })).toEqual(['/a~1b~0c unknown_field']);
    expect(faults({ ...valid, inner: { word: 'a', extra: null } })).toEqual(['/inner/extra unknown_field']);
    for (const name of ['toString', 'constructor', 'prototype', 'hasOwnProperty']) {
      expect(faults({ ...valid, [name]: 1 })).toEqual([`/${name} unknown_field`]);
      expect(faults({ ...valid, inner: { word: 'a', [name]: { constructor: 1 } } })).toEqual([
        `/inner/${name} unknown_field`,
      ]);
    }
    expect(faults({ count: 0, inner: { word: 'a' }, extra: [] })).toEqual(['/count min', '/extra unknown_field']);
  });

  it('points at a nested object that is missing or is something else', () => {
    expect(faults({ count: 3 })).toEqual(['/inner is_object']);
    expect(faults({ count: 3, inner: null })).toEqual(['/inner is_object']);
    expect(faults({ count: 3, inner: [{ word: 'a' }] })).toEqual(['/inner is_object']);
    expect(faults({ count: 0 })).toEqual(['/count min', '/inner is_object']);
    expect(faults({ ...valid, more: [] })).toEqual(['/more is_object']);
    expect(faults({ ...valid, inner: 'abc' })).toEqual(['/inner is_object']);
  });

  it('looks at conditional fields only when their condition holds', () => {
    expect(faults({ ...valid, reason: 5 })).toEqual([]);
    expect(faults({ ...valid, count: 6 })).toEqual(['/reason is_string']);
    expect(faults({ ...valid, count: 6, reason: 'many' })).toEqual([]);
  });

  it.each([[null], [[]], ['text'], [5], [true]])('refuses %j as a body', (body) => {
    expect(faults(body)).toEqual([' is_object']);
  });

  it.each([
    [[], []],
    [['a', 'abc'], []],
    [
      ['a', 5],
      ['/words max_length', '/words is_string'],
    ],
    [['abcd'], ['/words max_length']],
    ['abc', []],
    ['abcd', ['/words max_length']],
    [undefined, ['/words max_length', '/words is_string']],
  ])('looks at each element of a list: %j', (words, expected) => {
    expect(faults({ words }, ListDto).toSorted()).toEqual(expected.toSorted());
  });

  it('refuses to stand for decorators that it does not understand', () => {
    expect(() => validateBody(ObjectsDto, { inner: [] })).toThrow(TypeError);
  });
});

describe('checking query parameters', () => {
  it('turns numbers from text, and keeps defaults', () => {
    expect(validateQuery(PageQuery, {})).toMatchObject({ limit: 20 });
    expect(validateQuery(PageQuery, undefined)).toMatchObject({ limit: 20 });
    expect(validateQuery(PageQuery, { limit: '7', starting_after: 'pay_1' })).toMatchObject({
      limit: 7,
      starting_after: 'pay_1',
    });
  });

  it.each([
    { limit: '0' },
    { limit: '101' },
    { limit: '1e1' },
    { limit: '' },
    { limit: ['5', '6'] },
    { limit: '-1' },
    { limit: ' 5' },
    { unknown: 'x' },
    { starting_after: ['a', 'b'] },
  ])('refuses %j by name', (query) => {
    const [name] = Object.keys(query);
    const expected: unknown = expect.arrayContaining([expect.objectContaining({ pointer: name })]);
    expect(() => validateQuery(PageQuery, query)).toThrow(
      expect.objectContaining({ code: 'request.invalid_parameter', errors: expected }) as Error,
    );
  });
});
