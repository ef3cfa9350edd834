/**
 * What stands in for the image `node` where no registry of images can be reached: Debian as its packages make it, with the
 * checkout's Node and this machine's npm.
 */
import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { cp, mkdir, symlink } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { keep } from '../kept.ts'

const run = promisify(execFile)
const certificates = '/etc/ssl/certs/ca-certificates.crt'

/** Path of a tar archive of Debian's root; it takes a minute where it is not there yet. Rejects without mmdebstrap or root. */
async function debianRoot(): Promise<string> {
  const build = async (directory: string) => {
    const to = join(directory, 'root.tar')
    const how = ['--variant=apt', '--mode=root', '--include=ca-certificates', 'bookworm', to]
    await run('mmdebstrap', how, { timeout: 600_000, maxBuffer: 16 * 1024 ** 2 })
  }
  return join(await keep({ name: 'debian-bookworm', files: [], versions: '1', build }), 'root.tar')
}

/** npm's own directory: that of the `npm` which is found first. */
function npmDirectory(): string {
  const found = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'npm'))
  const npm = found.find((path) => existsSync(path))
  if (npm === undefined) throw new Error('npm is not there')
  return join(dirname(realpathSync(npm)), '..')
}

/** Fills an empty directory. Those who are asked for packages may be known to this machine only by its own certificates. */
export async function fillNodeRoot(root: string): Promise<void> {
  await run('tar', ['--extract', '--file', await debianRoot(), '--directory', root])
  const npm = join(root, 'usr/local/lib/node_modules/npm')
  await mkdir(dirname(npm), { recursive: true })
  await cp(npmDirectory(), npm, { recursive: true })
  await cp(realpathSync(process.execPath), join(root, 'usr/local/bin/node'))
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
  if (existsSync(certificates)) await cp(certificates, join(root, certificates))
}
