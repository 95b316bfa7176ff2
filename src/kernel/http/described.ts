import { SetMetadata } from '@nestjs/common';

export const DESCRIPTION_OF = 'sankofa:description';

export interface OperationText {
  readonly summary: string;
  readonly description?: string;
}

/**
 * What /docs says of a handler whose name does not say it all. Our own, since @nestjs/swagger takes long to load and is loaded only when
 * somebody asks for the document.
 */
export const Described = (summary: string, description?: string): MethodDecorator =>
  SetMetadata(DESCRIPTION_OF, {
    summary,
    ...(description === undefined ? {} : { description }),
  } satisfies OperationText);
