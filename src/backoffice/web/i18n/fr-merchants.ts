import type { Dictionary } from './en.js';

export const limits: Dictionary['limits'] = {
  title: 'Limites',
  intro:
    'Pour chaque mode et chaque processus qui répond. Au-delà, les requêtes sont refusées (429) jusqu’à ce qu’il y ait de la place.',
  rate_per_second: 'Requêtes par seconde',
  burst: 'Rafale après une pause',
  max_in_flight: 'Requêtes ouvertes à la fois',
  default: (p) => `Par défaut : ${p.value}`,
  changed: 'Modifiées',
  set: 'Fixer des limites',
  setTitle: 'Limites de ce marchand',
  setIntro:
    'Un champ vide suit la valeur par défaut. Elles agissent en quelques secondes. Pour exclure un marchand, révoquez plutôt ses clés.',
  wasSet: 'Les limites sont fixées.',
  lift: 'Revenir aux valeurs par défaut',
  liftTitle: 'Revenir aux limites par défaut ?',
  liftIntro: 'Le marchand peut alors envoyer ce que tout marchand peut envoyer.',
  wasLifted: 'Le marchand a les limites par défaut.',
};

export const members: Dictionary['members'] = {
  title: 'Membres',
  intro: 'Les personnes du marchand à qui Sankofa écrit. Elles ne se connectent pas ici.',
  add: 'Ajouter un membre',
  addTitle: 'Ajouter un membre',
  change: 'Modifier',
  changeTitle: 'Modifier un membre',
  remove: 'Retirer',
  removeTitle: (p) => `Retirer ${p.email} ?`,
  removeIntro: 'Cette personne n’est plus informée de rien, et ce que l’on sait d’elle est supprimé.',
  wasAdded: 'Le membre est ajouté.',
  wasChanged: 'Le membre est modifié.',
  wasRemoved: 'Le membre est retiré.',
  who: 'Qui',
  address: 'Joint à',
  email: 'Adresse e-mail',
  phone: 'Numéro de téléphone',
  phoneHint: 'Facultatif, avec le pays : +221… Des SMS sont alors envoyés aussi.',
  language: 'Langue',
  subjects: 'Informé de',
  subjectNames: { technical: 'Technique', finance: 'Finances', owner: 'Responsable' },
  subjectHints: {
    technical: 'Points d’accès désactivés ; clés d’API',
    finance: 'Versements échoués ou revenus',
    owner: 'Tout cela, et les changements de membres',
  },
  empty: 'Il n’y a pas encore de membre',
  emptyHint: 'Personne chez le marchand n’est informé quand une clé est créée ou qu’un versement échoue.',
};
