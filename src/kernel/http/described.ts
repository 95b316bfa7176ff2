import { SetMetadata } from '@nestjs/common';

/**
 * One sentence about what a call does, for the OpenAPI document. It is what `@ApiOperation` leaves on a handler; the decorator itself
 * would load all of @nestjs/swagger when the program starts, and most processes never show the document.
 */
export const Described = (summary: string): MethodDecorator => SetMetadata('swagger/apiOperation', { summary });
