import type { Command } from 'commander';
import { SessionCache } from '../kernel/access/session-cache.js';
import type { Databases } from '../kernel/database/databases.js';
import { newId } from '../kernel/ids/ids.js';
import { Vault } from '../kernel/secrets/vault.js';
import { AdminsStore, type AdminRow } from '../modules/auth/admins/admins.store.js';
import { viewAdmin, viewInvitation } from '../modules/auth/admins/admins.views.js';
import { Invitations } from '../modules/auth/admins/invitations.js';
import { InvitationsStore } from '../modules/auth/admins/invitations.store.js';
import { OWNER } from '../modules/auth/admins/roles.js';
import { RolesStore } from '../modules/auth/admins/roles.store.js';
import { SecondFactorStore } from '../modules/auth/admins/second-factor.store.js';
import { SessionsStore } from '../modules/auth/admins/sessions.store.js';
import { Sessions, type Cause } from '../modules/auth/admins/sessions.js';
import { Team } from '../modules/auth/admins/team.js';
import { Throttle } from '../modules/auth/admins/throttle.js';
import { ThrottleStore } from '../modules/auth/admins/throttle.store.js';
import { email, idOf, name } from './arguments.js';
import { print, withDatabases } from './with-databases.js';

/** Whoever can run this has the database anyway: the way in for the first person, and the way back for the last one. */
export function addAdminCommands(program: Command): void {
  const admin = program.command('admin').description('people who may sign in to the back-office');
  admin
    .command('invite')
    .description('invite a person; the link is shown this once, and sent where e-mail is set up')
    .requiredOption('--email <email>', 'their address', email)
    .requiredOption('--name <name>', 'their name', name)
    .option('--role <role>', 'what they may do', OWNER)
    .action(async (options: { email: string; name: string; role: string }) => {
      await withDatabases(async (databases, env) => {
        const { admins, roles, sessions } = partsOf(databases);
        const store = new InvitationsStore(databases);
        const throttle = new Throttle(new ThrottleStore(databases));
        const invitations = new Invitations(store, admins, roles, sessions, throttle, new Vault(env), env);
        const { invitation, link } = await invitations.invite(
          { ...options, by: null },
          { correlationId: newId('request') },
        );
        print({ ...viewInvitation(invitation), accept_url: link });
      });
    });
  admin
    .command('give-role')
    .description('give a person a role')
    .argument('<id>', 'the person (adm_...)', idOf('admin'))
    .argument('<role>', 'a role')
    .action((id: string, role: string) => change((team, cause) => team.giveRole(null, id, role, cause)));
  admin
    .command('disable')
    .description('let a person in no more, and end their sessions')
    .argument('<id>', 'the person (adm_...)', idOf('admin'))
    .action((id: string) => change((team, cause) => team.disable(null, id, cause)));
  admin
    .command('enable')
    .description('let a person in again')
    .argument('<id>', 'the person (adm_...)', idOf('admin'))
    .action((id: string) => change((team, cause) => team.enable(null, id, cause)));
  admin
    .command('take-second-factor')
    .description('take the second factor of a person who lost it; they set up another')
    .argument('<id>', 'the person (adm_...)', idOf('admin'))
    .action((id: string) => change((team, cause) => team.takeSecondFactor(null, id, cause)));
  admin
    .command('list')
    .description('the people there are, newest first')
    .action(async () => {
      await withDatabases(async (databases) => {
        const rows = await new AdminsStore(databases).list({ take: MAX_SHOWN });
        print({ object: 'list', data: rows.map(viewAdmin) });
      });
    });
}

const MAX_SHOWN = 100;

async function change(work: (team: Team, cause: Cause) => Promise<AdminRow>): Promise<void> {
  await withDatabases(async (databases) => {
    const { admins, roles, sessions } = partsOf(databases);
    const team = new Team(admins, roles, new SecondFactorStore(databases), sessions);
    print(viewAdmin(await work(team, { correlationId: newId('request') })));
  });
}

function partsOf(databases: Databases): {
  readonly admins: AdminsStore;
  readonly roles: RolesStore;
  readonly sessions: Sessions;
} {
  const roles = new RolesStore(databases);
  const sessions = new Sessions(new SessionsStore(databases), roles, new SessionCache(databases));
  return { admins: new AdminsStore(databases), roles, sessions };
}
