/** Words of filters that are kept under a name. */
export const views = {
  button: 'Views',
  none: 'No view is saved here yet',
  save: 'Save this filter…',
  saveHint: 'It is kept in this browser, for you.',
  saved: (p: { name: string }) => `“${p.name}” is saved.`,
  replaces: 'There is one of this name already: it is replaced.',
  edit: 'Rename or delete…',
  nameOf: (p: { name: string }) => `Name of “${p.name}”`,
  rename: 'Rename',
  remove: 'Delete',
  removeOf: (p: { name: string }) => `Delete “${p.name}”`,
} as const;
