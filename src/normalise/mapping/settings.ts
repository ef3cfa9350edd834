/** Members of a mapping that are no member of an event. */
export const settings = [
  'name',
  'version',
  'description',
  'extends',
  'guess',
  'decode',
  'expand',
  'records',
  'zone',
  'secrets',
  'let',
  'detect',
  'tests',
]
