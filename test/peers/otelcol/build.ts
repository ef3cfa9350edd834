/** Builds the collector of manifest.yaml with Go. */
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { z } from 'zod'
import { goEnv } from '../go-program.ts'
import { keep } from '../kept.ts'

const run = promisify(execFile)
const manifest = join(import.meta.dirname, 'manifest.yaml')

/** Path of the program; it takes minutes where it is not built yet. Rejects where Go or a module is missing. */
export async function buildOtelcol(): Promise<string> {
  return join(await keep({ name: 'otelcol-server', files: [manifest], build }), 'otelcol')
}

async function build(to: string): Promise<void> {
  const { dist } = z
    .object({ dist: z.object({ version: z.string() }) })
    .parse(parse(await readFile(manifest, 'utf8')))
  const directory = await mkdtemp(join(tmpdir(), 'affiant-otelcol-'))
  // The builder makes a directory of its own, which it neither uses here nor takes away.
  const env = { ...goEnv, TMPDIR: directory }
  const go = (cwd: string, ...args: string[]) =>
    run('go', args, { cwd, env, timeout: 1_200_000, maxBuffer: 16 * 1024 ** 2 })
  const builder = `go.opentelemetry.io/collector/cmd/builder@v${dist.version}`
  const config = join(directory, 'manifest.yaml')
  try {
    await copyFile(manifest, config)
    // Sources only: the builder would also fetch what the modules' own tests need.
    await go(directory, 'run', builder, '--config', config, '--skip-get-modules', '--skip-compilation')
    const output = join(to, 'otelcol')
    await go(join(directory, '_build'), 'build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', output, '.')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
