import { AccessTokens } from '../../access-tokens.js';
import type { Account } from '../../accounts.js';
import type { OpenCall, Reply, WireRequest } from '../../gateway.js';
import { basicUser, bearer, type Answer } from '../../wire.js';
import type { World } from '../world.js';
import { done, refuse } from './answers.js';

/** About an hour. Seconds. */
const TOKEN_SECONDS = 3_600;

/** `POST /api/v1/auth/login` and what it opens. */
export function createLogin({ accounts }: Pick<World, 'accounts'>): {
  login(call: OpenCall): Reply;
  authenticate(request: WireRequest): Account | Answer;
} {
  const tokens = new AccessTokens();
  return {
    login: ({ request }) => {
      const user = basicUser(request.headers);
      const account = user === undefined ? undefined : accounts.find('monnify', 'api_key', user.name);
      if (account === undefined || account.credentials['secret_key'] !== user?.secret) {
        return { answer: refuse(401, 'Invalid API key or secret key') };
      }
      const { token, lifeSeconds } = tokens.issue(account, TOKEN_SECONDS);
      return { answer: done({ accessToken: token, expiresIn: lifeSeconds }) };
    },
    authenticate: ({ headers }) => {
      const presented = bearer(headers);
      if (presented === undefined) return refuse(401, 'Full authentication is required to access this resource');
      const known = tokens.find(presented);
      const account = known?.isLive === true ? accounts.get('monnify', known.account) : undefined;
      return account ?? refuse(401, 'Access token is invalid or has expired');
    },
  };
}
