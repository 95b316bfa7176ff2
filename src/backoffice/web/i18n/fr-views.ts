import type { Dictionary } from './en.js';

export const views: Dictionary['views'] = {
  button: 'Vues',
  none: 'Aucune vue enregistrée ici',
  save: 'Enregistrer ce filtre…',
  saveHint: 'Conservée dans ce navigateur, pour vous.',
  saved: (p) => `« ${p.name} » est enregistrée.`,
  replaces: 'Une vue porte déjà ce nom : elle est remplacée.',
  edit: 'Renommer ou supprimer…',
  nameOf: (p) => `Nom de « ${p.name} »`,
  rename: 'Renommer',
  remove: 'Supprimer',
  removeOf: (p) => `Supprimer « ${p.name} »`,
};
