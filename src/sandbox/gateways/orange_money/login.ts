import { AccessTokens } from '../../access-tokens.js';
import type { Account } from '../../accounts.js';
import type { OpenCall, Reply, WireRequest } from '../../gateway.js';
import { basicUser, bearer, json, type Answer } from '../../wire.js';
import type { World } from '../world.js';
import { CODES, refuse } from './answers.js';

/** Ninety days. Seconds. */
const TOKEN_SECONDS = 7_776_000;

/** `POST /oauth/v3/token` and what it opens. */
export function createLogin({ accounts }: Pick<World, 'accounts'>): {
  token(call: OpenCall): Reply;
  authenticate(request: WireRequest): Account | Answer;
} {
  const tokens = new AccessTokens();
  return {
    token: ({ request }) => {
      const user = basicUser(request.headers);
      const account = user === undefined ? undefined : accounts.find('orange_money', 'client_id', user.name);
      if (account === undefined || account.credentials['client_secret'] !== user?.secret) return { answer: unknown() };
      // The one call whose body is a form.
      if (new URLSearchParams(request.body).get('grant_type') !== 'client_credentials') {
        const description = 'grant_type must be client_credentials';
        return { answer: refuse(400, CODES.invalidField, 'Invalid body field', description) };
      }
      const { token, lifeSeconds } = tokens.issue(account, TOKEN_SECONDS);
      return { answer: json(200, { token_type: 'Bearer', access_token: token, expires_in: lifeSeconds }) };
    },
    authenticate: ({ headers }) => {
      const known = tokens.find(bearer(headers) ?? '');
      if (known === undefined) return unknown();
      if (!known.isLive) {
        return refuse(401, CODES.expiredCredentials, 'Expired credentials', 'The access token has expired');
      }
      return accounts.get('orange_money', known.account) ?? unknown();
    },
  };
}

function unknown(): Answer {
  return refuse(401, CODES.invalidCredentials, 'Invalid credentials', 'The credentials are missing or not valid');
}
