/**
 * The contents of an image as a container has them, with what Linux itself offers: a mount namespace, in which the root is
 * read-only but for its volumes, and the image's user, without a capability.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endWithTest } from '../../processes.ts'
import type { Image } from './build.ts'

/** Where an engine mounts something, in the image: a directory of this machine. */
export type Volumes = Readonly<Record<string, string>>

export interface Contained extends AsyncDisposable {
  readonly process: ChildProcess
  /** All output so far. */
  output(): string
  readonly exited: Promise<number | null>
}

// Positional: root, user, volumes as pairs, `--`, the command.
const script = `
set -eu
root=$1 user=$2
shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do
  mount --bind "$2" "$root$1"
  shift 2
done
shift
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" "$root" "$@"
`

/** Starts a command in the image; its process id is the command's own. */
export function start(image: Image, volumes: Volumes, command: readonly string[]): Contained {
  for (const path of ['/proc', '/dev']) mkdirSync(join(image.root, path), { recursive: true })
  for (const path of Object.keys(volumes)) {
    if (path.endsWith('.yaml')) writeFileSync(join(image.root, path), '')
    else mkdirSync(join(image.root, path), { recursive: true })
  }
  const pairs = Object.entries(volumes).flat()
  const shell = ['sh', '-c', script, 'sh', image.root, image.config.User, ...pairs, '--', ...command]
  const env = Object.fromEntries(image.config.Env.map((each) => each.split(/=(.*)/s, 2)))
  // Programs of this machine are asked first, the image's behind chroot.
  const PATH = `${env.PATH}:/usr/sbin:/usr/bin:/sbin:/bin`
  const isolate = ['--mount', '--ipc', '--uts', 'setpriv', '--no-new-privs']
  const child = spawn('unshare', [...isolate, ...shell], {
    cwd: '/',
    env: { ...env, PATH, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  endWithTest(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      output += part.toString()
    })
  const exited = once(child, 'close').then(() => child.exitCode)
  return {
    process: child,
    output: () => output,
    exited,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  }
}
