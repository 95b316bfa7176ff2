import { Injectable } from '@nestjs/common';
import { readPermissions, type Permissions } from '../../../kernel/access/permissions.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { constraintOf } from '../../../kernel/database/sql-state.js';
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { BUILT_IN_ROLES, type Role } from './roles.js';

type RoleRow = Omit<Role, 'builtIn' | 'permissions'> & { readonly permissions: unknown };

const ROLE = 'name, description, permissions';
const selectRoles = statement('auth.select_roles', `SELECT ${ROLE} FROM auth.role ORDER BY name LIMIT $1`);
const selectRole = statement('auth.select_role', `SELECT ${ROLE} FROM auth.role WHERE name = $1`);
const insertRole = statement(
  'auth.insert_role',
  `INSERT INTO auth.role (name, description, permissions) VALUES ($1, $2, $3) RETURNING ${ROLE}`,
);
const updateRole = statement(
  'auth.update_role',
  `UPDATE auth.role SET description = $2, permissions = $3, updated_at = now() WHERE name = $1 RETURNING ${ROLE}`,
);

/** More than anybody keeps apart. */
const MAX_ROLES = 100;

@Injectable()
export class RolesStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  /** Built-in ones first. */
  list(): Promise<readonly Role[]> {
    return this.listIn(this.database);
  }

  async listIn(queryable: Queryable): Promise<readonly Role[]> {
    return [...BUILT_IN_ROLES, ...(await queryable.query<RoleRow>(selectRoles, [MAX_ROLES])).map(toRole)];
  }

  async find(queryable: Queryable, name: string): Promise<Role | undefined> {
    const builtIn = BUILT_IN_ROLES.find((role) => role.name === name);
    if (builtIn !== undefined) return builtIn;
    const [row] = await queryable.query<RoleRow>(selectRole, [name]);
    return row === undefined ? undefined : toRole(row);
  }

  /** @throws {DomainError} role.not_found */
  async get(queryable: Queryable, name: string): Promise<Role> {
    const role = await this.find(queryable, name);
    if (role === undefined) throw new DomainError('role.not_found');
    return role;
  }

  /** @throws {DomainError} role.name_taken */
  async insert(tx: Tx, role: Pick<Role, 'name' | 'description' | 'permissions'>): Promise<Role> {
    if (BUILT_IN_ROLES.some(({ name }) => name === role.name)) throw new DomainError('role.name_taken');
    try {
      return toRole(one(await tx.query<RoleRow>(insertRole, valuesOf(role))));
    } catch (error) {
      if (constraintOf(error) === 'role_pkey') throw new DomainError('role.name_taken');
      throw error;
    }
  }

  async update(tx: Tx, role: Pick<Role, 'name' | 'description' | 'permissions'>): Promise<Role> {
    return toRole(one(await tx.query<RoleRow>(updateRole, valuesOf(role))));
  }
}

const valuesOf = (role: Pick<Role, 'name' | 'description' | 'permissions'>): unknown[] => [
  role.name,
  role.description,
  JSON.stringify(role.permissions satisfies Permissions),
];

const toRole = (row: RoleRow): Role => ({ ...row, permissions: readPermissions(row.permissions), builtIn: false });

function one<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new DomainError('role.not_found');
  return row;
}
