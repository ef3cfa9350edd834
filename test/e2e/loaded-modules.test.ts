/**
 * Starting loads what is configured and nothing else: a start is mostly reading modules, and what is read stays in
 * memory. Times say little on a busy machine, so the modules are named. Who adds one here has made every agent slower.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AffiantProcess, configure, WorkDirectory } from './agent-process.ts'
import { HttpDestination } from './http-destination.ts'

const preload = join(import.meta.dirname, 'list-modules.js')

async function loadedBy(settings: (url: string) => Record<string, unknown>): Promise<string[]> {
  using directory = new WorkDirectory()
  await using hook = await HttpDestination.open()
  const config = configure(directory, settings(hook.url))
  directory.write('a.log', '{"user":"u_1","event":"invoice.read"}\n')
  const list = directory.at('modules')
  const env = { NODE_OPTIONS: `--import=${preload}`, LOADED_MODULES: list, AFFIANT_RESTART: 'off' }
  await using agent = new AffiantProcess(['run', '--once', '-c', config], { env })
  expect(await agent.result()).toMatchObject({ code: 0 })
  expect(hook.delivered).not.toEqual([])
  return readFileSync(list, 'utf8').split('\n')
}

const packagesOf = (modules: readonly string[]) =>
  [
    ...new Set(modules.flatMap((url) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [])),
  ].toSorted()

test('from a file to HTTP', { timeout: 60_000 }, async () => {
  const modules = await loadedBy((url) => ({ sinks: { hook: { type: 'http', url } } }))
  expect(packagesOf(modules)).toEqual([
    '@node-rs/crc32',
    '@node-rs/crc32-linux-x64-gnu',
    '@pinojs/redact',
    '@prometheus-io/client',
    'atomic-sleep',
    'chokidar',
    'commander',
    'ipaddr.js',
    'on-exit-leak-free',
    'picocolors',
    'pino',
    'pino-std-serializers',
    'quick-format-unescaped',
    're2js',
    'readdirp',
    'safe-stable-stringify',
    'sonic-boom',
    'thread-stream',
    'undici',
    'yaml',
    'zod',
  ])
  // Of undici the pool, of the Prometheus client the metrics: not what their indexes load.
  const of = (name: string) => modules.filter((url) => url.includes(`node_modules/${name}/`))
  expect(of('undici').length).toBeLessThan(30)
  expect(of('@prometheus-io/client').length).toBeLessThan(12)
  // Of other receivers and sinks, what is wrong in their configuration, and what is shared; not what runs them.
  const parts = modules.filter((url) =>
    /src\/(receivers|sinks)\/\w+\/(receiver|index|servers|\w*server)\.ts$/.test(url),
  )
  expect(parts.flatMap((url) => /src\/(.*)/.exec(url)?.[1] ?? []).toSorted()).toEqual([
    'receivers/file/index.ts',
    'receivers/file/receiver.ts',
    'sinks/http/index.ts',
  ])
  // Of Node, megabytes each: what its fetch is made of, HTTP/2, TLS for a sink without it, globs for a path without one.
  for (const name of ['internal/deps/undici/undici', 'http2', 'tls', 'internal/deps/minimatch/index'])
    expect(modules).not.toContain(`node:${name}`)
})
