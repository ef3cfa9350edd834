/**
 * The Dockerfile, built without a container engine: Debian's buildah runs its stages isolated by chroot, in a storage of its own
 * that goes with the image.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { fillNodeRoot } from './node-root.ts'

const run = promisify(execFile)
const checkout = join(import.meta.dirname, '../../..')
const base = 'localhost/node:24'
const certificates = '/etc/ssl/certs/ca-certificates.crt'

/** What an image says of itself. */
const configuration = z.looseObject({
  User: z.string(),
  Env: z.array(z.string()),
  Entrypoint: z.array(z.string()),
  Cmd: z.array(z.string()),
  WorkingDir: z.string(),
  Labels: z.record(z.string(), z.string()),
  Volumes: z.record(z.string(), z.unknown()),
  Healthcheck: z.looseObject({ Test: z.array(z.string()) }),
})

export interface Image extends AsyncDisposable {
  readonly config: z.output<typeof configuration>
  readonly architecture: string
  /** Path of its contents, mounted. */
  readonly root: string
}

/** Rejects where buildah or mmdebstrap is missing, or who calls is not root. */
export async function buildImage(): Promise<Image> {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-image-'))
  const storage = ['--root', join(directory, 'storage'), '--runroot', join(directory, 'run')]
  const buildah = async (command: string, ...args: string[]) => {
    const how = { timeout: 1_200_000, maxBuffer: 64 * 1024 ** 2 }
    const { stdout } = await run('buildah', [...storage, command, ...args], how)
    return stdout.trim()
  }
  const dispose = async () => {
    await buildah('rm', '--all')
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const empty = await buildah('from', 'scratch')
    await fillNodeRoot(await buildah('mount', empty))
    const env = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']
    env.push(`NODE_EXTRA_CA_CERTS=${certificates}`)
    await buildah('config', ...env.flatMap((each) => ['--env', each]), empty)
    await buildah('commit', '--disable-compression', '--rm', empty, base)
    const name = 'localhost/affiant:test'
    const args = ['--build-arg', `NODE_IMAGE=${base}`, '--build-arg', 'REVISION=test', '--tag', name]
    await buildah('bud', '--isolation', 'chroot', '--format', 'docker', '--pull-never', ...args, checkout)
    const inspected = z
      .looseObject({ Docker: z.looseObject({ architecture: z.string(), config: configuration }) })
      .parse(JSON.parse(await buildah('inspect', '--type', 'image', name)))
    const { architecture, config } = inspected.Docker
    const root = await buildah('mount', await buildah('from', '--pull-never', name))
    return { config, architecture, root, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}
