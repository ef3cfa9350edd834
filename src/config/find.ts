/** Which configuration is used when the command line names none. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { AffiantError } from '../errors.ts'

/** The first that exists of these; `$AFFIANT_CONFIG` counts as if it had been given on the command line. */
const places = (cwd: string): string[] => [
  join(cwd, 'affiant.yaml'),
  join(cwd, 'config', 'quickstart.yaml'),
  '/etc/affiant/affiant.yaml',
]

/** Throws `config_unreadable`, naming all that was tried. Paths under `cwd` come back relative to it. */
export async function findConfig(
  cwd: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const named = variables.AFFIANT_CONFIG
  if (named !== undefined && named !== '') return named
  const tried: string[] = []
  for (const place of places(cwd)) {
    const shown = place.startsWith(`${cwd}/`) ? place.slice(cwd.length + 1) : place
    if (await exists(place)) return shown
    tried.push(shown)
  }
  throw new AffiantError('config_unreadable', `no configuration: tried ${tried.join(', ')}`, {
    hint: 'name one with --config FILE or AFFIANT_CONFIG',
  })
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
