// What the published package and the image bring along, as a CycloneDX bill of materials: `node .ci/sbom.ts [FILE]`, else to standard
// output. npm makes it, of a lock without what is for development: its own `--omit dev` also leaves out packages that development needs too.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Lock {
  packages: Record<
    string,
    { version?: string; dev?: boolean; link?: boolean; devDependencies?: unknown; workspaces?: unknown }
  >
}

interface Bill {
  readonly bomFormat: string
  readonly components: readonly {
    readonly name: string
    readonly version: string
    readonly hashes?: readonly unknown[]
    readonly licenses?: readonly unknown[]
  }[]
}

const root = join(import.meta.dirname, '..')
const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'))
const { devDependencies: _development, workspaces: _workspaces, ...manifest } = read('package.json')
const lock: Lock = read('package-lock.json')
for (const [path, entry] of Object.entries(lock.packages)) {
  // The workspace brings a Node for checkouts.
  const isWorkspace =
    entry.link || path.startsWith('development') || path.startsWith('node_modules/node-linux-')
  if (entry.dev || isWorkspace) delete lock.packages[path]
}
delete lock.packages['']?.devDependencies
delete lock.packages['']?.workspaces

const directory = mkdtempSync(join(tmpdir(), 'affiant-sbom-'))
try {
  // npm calls the whole by the name of its directory.
  const place = join(directory, manifest.name)
  mkdirSync(place)
  writeFileSync(join(place, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(place, 'package-lock.json'), JSON.stringify(lock))
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']
  const text = execFileSync('npm', args, { cwd: place, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 })
  const bill: Bill = JSON.parse(text)
  const listed = new Set(bill.components.map(({ name, version }) => `${name}@${version}`))
  const wanted = Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`)
  const missing = wanted.filter((each) => !listed.has(each))
  const bare = bill.components.filter(({ hashes, licenses }) => !hashes?.length || !licenses?.length)
  const surplus = [...listed].filter((each) => !wanted.includes(each))
  if (bill.bomFormat !== 'CycloneDX' || missing.length > 0 || surplus.length > 0)
    throw new Error(
      `the bill lacks ${missing.join(', ') || 'nothing'}, and has besides ${surplus.join(', ') || 'nothing'}`,
    )
  if (bare.length > 0) throw new Error(`without hash or licence: ${bare.map(({ name }) => name).join(', ')}`)
  const [, , to] = process.argv
  if (to === undefined) process.stdout.write(text)
  else {
    writeFileSync(to, text)
    process.stdout.write(`${to}: ${listed.size} packages\n`)
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
