// The image, built by the Dockerfile without a container engine: what is in it, how large it is, and the main job in it, as a user
// without rights, on a root that nobody can write to.
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { WorkDirectory } from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'
import { buildImage } from './image/build.ts'
import { hadolint } from './image/hadolint.ts'
import { start } from './image/root.ts'
import { unlessMissing } from './kept.ts'

const root = join(import.meta.dirname, '../..')
const linter = await unlessMissing('hadolint', hadolint)

test.runIf(linter !== undefined)('hadolint finds nothing in the Dockerfile', () => {
  expect(execFileSync(linter!, [join(root, 'Dockerfile')], { encoding: 'utf8' })).toBe('')
})

const image = await unlessMissing('an image, built as root by buildah and mmdebstrap', buildImage)
afterAll(async () => image?.[Symbol.asyncDispose]())

const uid = 10_001
const line = (n: number) =>
  `{"ts":"2026-11-23T12:00:00Z","user":"u_${n}","event":"invoice.read","invoice":"inv_${n}"}\n`

describe.runIf(image !== undefined)('the image', () => {
  const { config, root: contents } = image ?? { config: undefined!, root: '' }

  test('says what it is, whose it is and how it is', () => {
    const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(config).toMatchObject({
      User: '10001:10001',
      Entrypoint: ['/usr/local/bin/affiant'],
      Cmd: ['run'],
      Volumes: { '/var/lib/affiant': {} },
      Healthcheck: { Test: ['CMD', '/usr/local/bin/affiant', 'health', '--live'] },
      Labels: {
        'org.opencontainers.image.title': 'Affiant',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': license,
        'org.opencontainers.image.revision': 'test',
      },
    })
  })

  test('holds what is needed, and little else', () => {
    const kib = Number(execFileSync('du', ['-sk', contents], { encoding: 'utf8' }).split('\t')[0])
    process.stdout.write(`the image is ${((kib * 1024) / 1e6).toFixed(0)} MB unpacked\n`)
    expect(kib * 1024).toBeLessThan(220e6)
    for (const path of ['bin', 'sbin', 'usr/bin/sh', 'usr/local/bin/npm', 'usr/bin/apt', 'opt/affiant/src'])
      expect(existsSync(join(contents, path)), path).toBe(false)
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>
    }
    const modules = globSync('{node_modules/*,node_modules/@*/*}/package.json', {
      cwd: join(contents, 'opt/affiant'),
    })
    expect(modules.length).toBeGreaterThan(50)
    for (const path of modules)
      expect(lock.packages[path.replace('/package.json', '')], path).not.toHaveProperty('dev')
    // Debian's packages, where scanners of images look for them.
    const status = readFileSync(join(contents, 'var/lib/dpkg/status.d/libc6'), 'utf8')
    expect(status).toMatch(/^Package: libc6\n/)
  })

  test('does its job as a user without rights, on a root that is read-only', {
    timeout: 120_000,
  }, async () => {
    using directory = new WorkDirectory()
    await using hook = await HttpDestination.open()
    const log = directory.write('log/audit.log', [1, 2, 3].map(line).join(''))
    mkdirSync(directory.at('data'))
    chownSync(directory.at('data'), uid, uid)
    const volumes = {
      '/etc/affiant/affiant.yaml': directory.write(
        'affiant.yaml',
        `agent: { id: contained }
receivers: { app: { type: file, include: [/var/log/app/audit.log] } }
sinks: { hook: { type: http, url: "${hook.url}" } }
telemetry: { listen: 127.0.0.1:0 }
`,
      ),
      '/var/log/app': directory.at('log'),
      '/var/lib/affiant': directory.at('data'),
    }
    const affiant = (...args: string[]) => start(image!, volumes, [...config.Entrypoint, ...args])
    {
      await using agent = affiant(...config.Cmd)
      await until(
        'three delivered',
        () => hook.events.length === 3,
        () => agent.output(),
      )
      const status = readFileSync(`/proc/${agent.process.pid}/status`, 'utf8')
      expect(status).toMatch(/^Uid:\t10001\t10001\t10001\t10001$/m)
      expect(status).toMatch(/^Gid:\t10001\t/m)
      expect(status).toMatch(/^CapEff:\t0+$/m)
      expect(status).toMatch(/^NoNewPrivs:\t1$/m)
      const [, ...check] = config.Healthcheck.Test
      await using health = start(image!, volumes, check)
      expect(await health.exited, health.output()).toBe(0)
      const write =
        "for (const f of ['/x', '/tmp/x', '/opt/affiant/x']) try { fs.writeFileSync(f, '') } catch (e) { console.log(e.code) }"
      await using writer = start(image!, volumes, ['/usr/local/bin/node', '-e', write])
      expect(await writer.exited).toBe(0)
      expect(writer.output()).toBe('EROFS\nEROFS\nEROFS\n')
      writeFileSync(log, line(4), { flag: 'a' })
      agent.process.kill('SIGTERM')
      expect(await agent.exited, agent.output()).toBe(0)
    }
    // Another container on the same volume goes on where that one was.
    writeFileSync(log, line(5), { flag: 'a' })
    await using next = affiant(...config.Cmd)
    await until(
      'all delivered',
      () => hook.events.length === 5,
      () => next.output(),
    )
    expect([...hook.timesById.values()].filter((times) => times !== 1)).toEqual([])
    expect(hook.events.map(({ actor }) => actor?.id)).toEqual([1, 2, 3, 4, 5].map((n) => `u_${n}`))
    await using none = affiant('validate')
    expect(await none.exited, none.output()).toBe(0)
    next.process.kill('SIGTERM')
    expect(await next.exited, next.output()).toBe(0)
  })
})
