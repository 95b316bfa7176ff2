import { Injectable } from '@nestjs/common';
import { Databases } from '../database/databases.js';
import { statement } from '../database/tx.js';
import { isPermitted, readPermissions, type AdminArea, type WantedLevel } from './permissions.js';

const permissionsStatement = statement(
  'access.permissions_of_admin',
  'SELECT permissions FROM access.admin WHERE admin_id = $1 AND NOT disabled',
);

/** What people may do now who are not those that call: whoever asked for something once. */
@Injectable()
export class People {
  constructor(private readonly databases: Databases) {}

  /** False of whoever was disabled, or is not known. */
  async may(id: string, area: AdminArea, wanted: WantedLevel): Promise<boolean> {
    const [row] = await this.databases.of('kernel').query<{ permissions: unknown }>(permissionsStatement, [id]);
    return row !== undefined && isPermitted(readPermissions(row.permissions), area, wanted);
  }
}
