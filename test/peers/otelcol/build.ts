/**
 * Builds the collector of manifest.yaml with Go, once: it is kept in the user's cache, under the manifest's sum. As a
 * command it prints where the program is.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { z } from 'zod'

const run = promisify(execFile)
const manifest = join(import.meta.dirname, 'manifest.yaml')
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'affiant')

/** Path of the program; it takes minutes where it is not built yet. Rejects where Go or a module is missing. */
export async function buildOtelcol(): Promise<string> {
  const text = await readFile(manifest, 'utf8')
  const sum = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const program = join(cache, `otelcol-${sum}`)
  if (existsSync(program)) return program
  const directory = await mkdtemp(join(tmpdir(), 'affiant-otelcol-'))
  try {
    await build(text, directory)
    await mkdir(cache, { recursive: true })
    // Beside its place first, then there at once: nobody starts half of it.
    const copy = `${program}.${process.pid}`
    await copyFile(join(directory, 'otelcol'), copy)
    await rename(copy, program)
    return program
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function build(text: string, directory: string): Promise<void> {
  const { dist } = z.object({ dist: z.object({ version: z.string() }) }).parse(parse(text))
  // The machine's own Go, whatever the modules would like.
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false', CGO_ENABLED: '0' }
  const go = (cwd: string, ...args: string[]) =>
    run('go', args, { cwd, env, timeout: 1_200_000, maxBuffer: 16 * 1024 ** 2 })
  const builder = `go.opentelemetry.io/collector/cmd/builder@v${dist.version}`
  const config = join(directory, 'manifest.yaml')
  await copyFile(manifest, config)
  // Sources only: the builder would also fetch what the modules' own tests need.
  await go(directory, 'run', builder, '--config', config, '--skip-get-modules', '--skip-compilation')
  const output = join(directory, 'otelcol')
  await go(join(directory, '_build'), 'build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', output, '.')
}

if (import.meta.main) {
  const start = performance.now()
  process.stdout.write(`${await buildOtelcol()}\n`)
  process.stderr.write(`after ${((performance.now() - start) / 1000).toFixed(0)} s\n`)
}
