/** A Go program of the tests, built from a folder with a `go.mod` and a `go.sum` that pin everything. */
import { execFile } from 'node:child_process'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { keep } from './kept.ts'

const run = promisify(execFile)
// The machine's own Go, whatever the modules would like.
export const goEnv = {
  ...process.env,
  GOTOOLCHAIN: 'local',
  GOFLAGS: '-buildvcs=false',
  CGO_ENABLED: '0',
}

/** Path of the program; `name` is what it is kept under. Rejects where Go or a module is missing. */
export async function goProgram(name: string, folder: string): Promise<string> {
  const program = basename(folder)
  const build = async (directory: string) => {
    const how = ['-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', join(directory, program)]
    await run('go', ['build', '-C', folder, ...how, '.'], { env: goEnv, timeout: 1_200_000 })
  }
  const files = ['main.go', 'go.mod', 'go.sum'].map((file) => join(folder, file))
  return join(await keep({ name, files, build }), program)
}
