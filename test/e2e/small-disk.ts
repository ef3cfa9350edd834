/** Small disks that can be filled to the end and made read-only. They need a user who may mount. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

export class SmallDisk implements Disposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** A file system of `size` (as mount says it: `16m`) at `path`; undefined where this user may not mount. */
  static mount(path: string, size: string): SmallDisk | undefined {
    mkdirSync(path, { recursive: true })
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
    const options = `size=${size},mode=777`
    const { status } = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', options, 'affiant-test', path])
    return status === 0 ? new SmallDisk(path) : undefined
  }

  /** Writes zeros until nothing more fits; what is there already stays. */
  fill(): void {
    const path = join(this.path, 'filler')
    for (const length of [65_536, 4096, 1]) {
      const zeros = Buffer.alloc(length)
      writeFileSync(path, '', { flag: 'a' })
      try {
        for (;;) appendFileSync(path, zeros)
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' })
      }
    }
  }

  /** Takes back what `fill` wrote. */
  free(): void {
    rmSync(join(this.path, 'filler'), { force: true })
  }

  /** Whether that worked: a file that is open for writing keeps a file system from it. */
  remount(mode: 'ro' | 'rw'): boolean {
    return spawnSync('/bin/mount', ['-o', `remount,${mode}`, this.path]).status === 0
  }

  [Symbol.dispose](): void {
    spawnSync('/bin/umount', ['--lazy', this.path])
  }
}
