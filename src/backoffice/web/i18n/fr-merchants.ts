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
