/** What goes by SMS is written with the letters that SMS has (é, è, à, ù); ê, ô and ç are only in mails. */
import { listed, moment, money, shortMoment, type Catalogue, type Piece, type Wording } from './wording.js';
import type { MessageData, Outage, Personal } from './message-kinds.js';

const LANGUAGE = 'fr';
const hello = ({ name }: Personal): Piece => ({ text: name === undefined ? 'Bonjour,' : `Bonjour ${name},` });
const mode = (livemode: boolean): string => (livemode ? 'réel' : 'test');
const trial = (livemode: boolean): string => (livemode ? '' : '[TEST] ');
const more = (count: number): string => `Et ${count} de plus. Tout est dans le back-office.`;
const TEAM = 'Vous recevez ce message parce que vous avez un compte dans le back-office.';
const OPERATIONS = 'Vous recevez ce message parce que cette adresse est celle des alertes.';
const MEMBER = 'Vous recevez ce message parce que vous êtes informé de ce qui concerne votre marchand.';
const DONE = { added: 'ajouté', changed: 'modifié', removed: 'retiré' } as const;
const WHY = { gone: "elle a répondu qu'elle n'existe plus (410)", failing: 'elle échoue depuis cinq jours' } as const;

function notice(personal: Personal, at: string, subject: string, what: string, otherwise: string): Wording {
  return {
    subject,
    pieces: [hello(personal), { text: `${what} Cela s'est passé le ${moment(LANGUAGE, at)}.` }, { text: otherwise }],
    because: TEAM,
    sms: [],
  };
}

const NOT_YOU =
  "Si ce n'était pas vous, quelqu'un d'autre a peut-être accès à votre compte : prévenez tout de suite la personne qui gère votre équipe.";

function keyNotice(personal: Personal, subject: string, what: string, at: string, short: string = what): Wording {
  return {
    subject,
    pieces: [
      hello(personal),
      { text: `${what} le ${moment(LANGUAGE, at)}.` },
      { text: 'Si vous ne savez pas pourquoi, demandez tout de suite à votre interlocuteur chez Sankofa.' },
    ],
    because: MEMBER,
    sms: [`Sankofa : ${short} le ${shortMoment(at)}.`],
  };
}

function payouts(
  { livemode, payouts: shown, total }: MessageData['member_payout_failed'],
  personal: Personal,
  [one, several]: readonly [one: string, several: string],
  what: string,
): Wording {
  const subject = total === 1 ? one : `${total} ${several}`;
  return {
    subject: `${trial(livemode)}${subject}`,
    pieces: [
      hello(personal),
      { text: `${subject} (${mode(livemode)}). ${what}` },
      ...listed(
        { items: shown },
        total,
        ({ payout, amount, currency, reason }) => [payout, `${money(LANGUAGE, amount, currency)}, ${reason}`],
        (rest) => `Et ${rest} de plus. GET /v1/payouts les a tous.`,
      ),
    ],
    because: MEMBER,
    sms: [
      `${trial(livemode)}Sankofa : ${subject}.`,
      ...shown.map(({ payout, amount, currency }) => ` ${payout} ${money(LANGUAGE, amount, currency)}.`),
    ],
  };
}

function receipt(data: MessageData['receipt_payment'], subject: string, what: string, sms: string): Wording {
  const test: readonly Piece[] = data.livemode ? [] : [{ text: "Ceci est un test : aucun argent n'a bougé." }];
  return {
    subject: `${trial(data.livemode)}${subject}`,
    pieces: [
      ...test,
      { text: what },
      {
        facts: [
          ['Montant', money(LANGUAGE, data.amount, data.currency)],
          ['Marchand', data.merchant],
          ...(data.reference === undefined ? [] : [['Référence', data.reference] as const]),
          ['Date', moment(LANGUAGE, data.at)],
        ],
      },
    ],
    because: `Vous recevez ce message parce que ${data.merchant} envoie des reçus à ses clients.`,
    sms: [
      `${trial(data.livemode)}${sms} le ${shortMoment(data.at)}.`,
      ...(data.reference === undefined ? [] : [` Réf ${data.reference}.`]),
    ],
  };
}

export const french: Catalogue = {
  admin_invited: ({ role, expires_at }, personal) => ({
    subject: 'Vous êtes invité(e) sur Sankofa',
    pieces: [
      hello(personal),
      {
        text: `Vous êtes invité(e) à travailler dans le back-office de Sankofa, avec le rôle ${role}. Choisissez un mot de passe pour commencer :`,
      },
      ...(personal.link === undefined ? [] : [{ link: personal.link, label: "Accepter l'invitation" }]),
      { text: `Le lien sert une seule fois, jusqu'au ${moment(LANGUAGE, expires_at)}. Ne le donnez à personne.` },
    ],
    because:
      "Vous recevez ce message parce que quelqu'un a invité cette adresse. Si vous ne savez pas pourquoi, ne faites rien.",
    sms: [],
  }),
  admin_password_changed: ({ at }, personal) =>
    notice(
      personal,
      at,
      'Votre mot de passe a été changé',
      'Le mot de passe de votre compte a été changé, et vos autres sessions ont été fermées.',
      NOT_YOU,
    ),
  admin_second_factor_set_up: ({ at }, personal) =>
    notice(
      personal,
      at,
      'Un second facteur a été ajouté',
      "Une application d'authentification a été ajoutée comme second facteur de votre compte.",
      NOT_YOU,
    ),
  admin_second_factor_removed: ({ at }, personal) =>
    notice(
      personal,
      at,
      'Votre second facteur a été retiré',
      'Le second facteur de votre compte a été retiré, et vos sessions ont été fermées. Vous en ajouterez un autre à la prochaine connexion.',
      "Si vous ne l'avez pas demandé, prévenez tout de suite la personne qui gère votre équipe.",
    ),
  admin_recovery_code_used: ({ at }, personal) =>
    notice(
      personal,
      at,
      'Un code de secours a été utilisé',
      "Quelqu'un s'est connecté à votre compte avec un de vos codes de secours.",
      NOT_YOU,
    ),
  admin_disabled: ({ at }, personal) =>
    notice(
      personal,
      at,
      'Votre compte a été désactivé',
      'Votre compte a été désactivé, et vos sessions ont été fermées.',
      'Si vous ne savez pas pourquoi, demandez à la personne qui gère votre équipe.',
    ),
  alert_funds_short: (data, _, count) => ({
    subject: 'Alerte : les fonds des clients ne sont pas couverts',
    pieces: [
      {
        text: 'Ce que détiennent les passerelles et les banques ne couvre pas ce qui est dû aux marchands et aux clients.',
      },
      ...listed(
        data,
        count,
        (item) => [
          `${item.currency}, ${mode(item.livemode)}`,
          `il manque ${money(LANGUAGE, item.shortfall, item.currency)}`,
        ],
        more,
      ),
    ],
    because: OPERATIONS,
    sms: [
      'Sankofa ALERTE : fonds des clients non couverts.',
      ...data.items.map(
        (item) => ` Manque ${money(LANGUAGE, item.shortfall, item.currency)} (${mode(item.livemode)}).`,
      ),
    ],
  }),
  alert_books_differ: (data, _, count) => ({
    subject: 'Alerte : nos livres et ceux des passerelles diffèrent',
    pieces: [
      { text: "Le rapprochement a trouvé des jours où nos livres et ceux d'une passerelle diffèrent." },
      ...listed(
        data,
        count,
        (item) => [`${item.gateway}, ${item.day}, ${mode(item.livemode)}`, `${item.open_breaks} écarts ouverts`],
        more,
      ),
    ],
    because: OPERATIONS,
    sms: [
      'Sankofa ALERTE : nos livres et ceux des passerelles diffèrent.',
      ...data.items.map(
        (item) => ` ${item.gateway} ${item.day} : ${item.open_breaks} écarts (${mode(item.livemode)}).`,
      ),
    ],
  }),
  alert_ledger_drifted: (data, _, count) => ({
    subject: 'Alerte : un compte du grand livre ne tombe pas juste',
    pieces: [
      { text: 'Des comptes du grand livre ne correspondent pas à la somme de leurs écritures.' },
      ...listed(
        data,
        count,
        (item) => [
          `${item.account}, ${item.currency}, ${mode(item.livemode)}`,
          item.frozen ? 'gelé' : 'non gelé : il reste utilisé',
        ],
        more,
      ),
    ],
    because: OPERATIONS,
    sms: [
      `Sankofa ALERTE : ${count} compte(s) du grand livre ne tombent pas juste.`,
      ...data.items.map((item) => ` ${item.account}${item.frozen ? ' gelé' : ''}.`),
    ],
  }),
  alert_gateway_shut_out: (data, _, count) => ({
    subject: 'Alerte : des passerelles sont écartées',
    pieces: [
      {
        text: "Elles échouent, et ne reçoivent plus que des essais jusqu'à ce qu'elles fonctionnent à nouveau. D'autres prennent leur place là où il y en a.",
      },
      ...listed(data, count, (item) => [outage(item), `depuis le ${moment(LANGUAGE, item.at)}`], more),
    ],
    because: OPERATIONS,
    sms: [`Sankofa ALERTE : ${count} écartée(s).`, ...data.items.map((item) => ` ${outage(item)}.`)],
  }),
  alert_gateway_back: (data, _, count) => ({
    subject: 'Terminé : des passerelles fonctionnent à nouveau',
    pieces: [
      { text: 'Elles étaient écartées, et fonctionnent à nouveau depuis une minute.' },
      ...listed(
        data,
        count,
        (item) => [outage(item), `après ${item.minutes} min, le ${moment(LANGUAGE, item.at)}`],
        more,
      ),
    ],
    because: OPERATIONS,
    sms: [`Sankofa : ${count} à nouveau en service.`, ...data.items.map((item) => ` ${outage(item)}.`)],
  }),
  alert_endpoint_disabled: (data, _, count) => ({
    subject: 'Alerte : des adresses de webhooks ont été désactivées',
    pieces: [
      { text: "Rien n'est plus envoyé à ces adresses de webhooks." },
      ...listed(
        data,
        count,
        (item) => [`${item.endpoint} de ${item.merchant}, ${mode(item.livemode)}`, WHY[item.reason]],
        more,
      ),
    ],
    because: OPERATIONS,
    sms: [
      `Sankofa ALERTE : ${count} adresse(s) de webhooks désactivée(s).`,
      ...data.items.map((item) => ` ${item.endpoint} (${mode(item.livemode)}).`),
    ],
  }),
  merchant_endpoint_disabled: ({ endpoint, reason, livemode }) => ({
    subject: `${trial(livemode)}Une adresse de webhooks a été désactivée`,
    pieces: [
      { text: `Rien n'est plus envoyé à votre adresse de webhooks ${endpoint} (${mode(livemode)}) : ${WHY[reason]}.` },
      {
        text: `Ce qui se passe entre-temps est dans GET /v1/events. Quand elle fonctionnera : POST /v1/webhook_endpoints/${endpoint}/enable.`,
      },
    ],
    because: 'Vous recevez ce message parce que cette adresse est le contact dans vos réglages de notification.',
    sms: [],
  }),
  member_endpoint_disabled: ({ endpoint, reason, livemode }, personal) => ({
    subject: `${trial(livemode)}Une adresse de webhook a été désactivée`,
    pieces: [
      hello(personal),
      { text: `L'adresse de webhook ${endpoint} (${mode(livemode)}) ne reçoit plus rien : ${WHY[reason]}.` },
      {
        text: `Ce qui se passe entre-temps est dans GET /v1/events. Quand elle fonctionne de nouveau : POST /v1/webhook_endpoints/${endpoint}/enable.`,
      },
    ],
    because: MEMBER,
    sms: [`${trial(livemode)}Sankofa : adresse de webhook ${endpoint} désactivée.`],
  }),
  member_api_key_created: ({ key, livemode, at }, personal) =>
    keyNotice(
      personal,
      `${trial(livemode)}Une clé d'API a été créée`,
      `La clé d'API ${key} (${mode(livemode)}) a été créée`,
      at,
      `${trial(livemode)}clé d'API ${key} créée`,
    ),
  member_api_key_rolled: ({ key, ends_at: endsAt, at }, personal) =>
    keyNotice(
      personal,
      "Une clé d'API a été remplacée",
      `Une autre clé prend la place de la clé d'API ${key}, qui expire le ${moment(LANGUAGE, endsAt)}. Elle a été remplacée`,
      at,
      `clé d'API ${key} remplacée`,
    ),
  member_api_key_revoked: ({ key, at }, personal) =>
    keyNotice(
      personal,
      "Une clé d'API a été révoquée",
      `La clé d'API ${key} a été révoquée et ne fonctionne plus`,
      at,
      `clé d'API ${key} révoquée`,
    ),
  member_payout_failed: (data, personal) =>
    payouts(
      data,
      personal,
      ['Un versement a échoué', 'versements ont échoué'],
      "Rien n'a été versé, et ce qui était retenu est de nouveau à vous.",
    ),
  member_payout_returned: (data, personal) =>
    payouts(
      data,
      personal,
      ['Un versement est revenu', 'versements sont revenus'],
      "L'argent avait été envoyé, et le bénéficiaire ne l'a pas.",
    ),
  member_members_changed: ({ what, member, at }, personal) => ({
    subject: 'Les personnes que Sankofa informe au sujet de votre marchand ont changé',
    pieces: [
      hello(personal),
      { text: `Le membre ${member} a été ${DONE[what]} le ${moment(LANGUAGE, at)}.` },
      { text: 'Si vous ne savez pas pourquoi, demandez à votre interlocuteur chez Sankofa.' },
    ],
    because: MEMBER,
    sms: [`Sankofa : membre ${member} ${DONE[what]} le ${shortMoment(at)}.`],
  }),
  receipt_payment: (data) => {
    const amount = money(LANGUAGE, data.amount, data.currency);
    const what = `Vous avez payé ${amount} à ${data.merchant}`;
    return receipt(data, `Reçu : ${amount} à ${data.merchant}`, `${what}. Merci.`, what);
  },
  receipt_refund: (data) => {
    const amount = money(LANGUAGE, data.amount, data.currency);
    const what = `${data.merchant} vous a remboursé ${amount}`;
    return receipt(data, `Remboursement : ${amount} de ${data.merchant}`, `${what}.`, what);
  },
};

function outage({ gateway, livemode, network }: Pick<Outage, 'gateway' | 'livemode' | 'network'>): string {
  if (gateway === null || livemode === null) return `${network}, à toutes les passerelles`;
  return `${gateway}, ${network}, ${mode(livemode)}`;
}
