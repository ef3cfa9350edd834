/** What a target is, by the word that its source has for it. Shapes that have a place for users and files ask this. */
import type { Line } from './line.ts'

export type Target = NonNullable<Line['targets']>[number]

export type Kind =
  | 'user'
  | 'service_account'
  | 'group'
  | 'role'
  | 'policy'
  | 'organization'
  | 'device'
  | 'file'
  | 'process'
  | 'database'
  | 'table'
  | 'bucket'

/** Whole types that mean something else at the end of a longer one: an `AWS::Organizations::Account` is no user. */
const wholes: Readonly<Record<string, Kind>> = { account: 'user' }

/** Words in lower case, letters only, in the singular. */
const words: Readonly<Record<Kind, string>> = {
  user: 'user iamuser person principal member identity employee accountuser appuser login',
  service_account: 'serviceaccount serviceprincipal machineuser robot bot',
  group: 'group team usergroup iamgroup',
  role: 'role iamrole clusterrole',
  policy: 'policy iampolicy rolebinding clusterrolebinding permission permissionset',
  organization: 'organization organisation org tenant enterprise business',
  device: 'device host node machine endpoint',
  file: 'file directory folder',
  process: 'process',
  database: 'database',
  table: 'table collection view relation materializedview',
  bucket: 'bucket sbucket databucket',
}

const kinds = new Map(
  Object.entries(words).flatMap(([kind, all]) => all.split(' ').map((word) => [word, kind as Kind] as const)),
)

const known = new Map<string, Kind | undefined>()
/** Types are few; a source that invents them is not worth remembering. */
const memory = 1000

/** `AWS::S3::Bucket`, `arn…:user`, `service_accounts`: the last word counts, else the whole. */
export function kindOf({ type }: Target): Kind | undefined {
  if (type === undefined) return undefined
  if (known.has(type)) return known.get(type)
  const last = type.split(/[:/.]/).at(-1) ?? type
  const kind =
    wholes[type] ??
    [last, type]
      .map(singular)
      .map((word) => kinds.get(word))
      .find((each) => each !== undefined)
  if (known.size < memory) known.set(type, kind)
  return kind
}

function singular(text: string): string {
  const letters = text.toLowerCase().replaceAll(/[^a-z]/g, '')
  if (kinds.has(letters)) return letters
  return letters.endsWith('ies') ? `${letters.slice(0, -3)}y` : letters.replace(/s$/, '')
}

export const targetOf = ({ targets = [] }: Line, ...wanted: readonly Kind[]): Target | undefined =>
  targets.find((target) => {
    const kind = kindOf(target)
    return kind !== undefined && wanted.includes(kind)
  })
