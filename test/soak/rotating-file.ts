/** A log file as an application and logrotate treat it: it grows, and every few seconds it is another one. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { LineLoad } from '../crash/load.ts'

/** `copytruncate` never writes between the copy and the cut, as with a paused writer: nothing is lost by itself. */
export type Rotation = 'rename' | 'copytruncate' | 'gzip'

interface Rotated {
  readonly path: string
  /** Lines below this number are in this file or in older ones. */
  readonly end: number
}

export class RotatingFile {
  readonly rotation: Rotation
  readonly lines: LineLoad
  rotations = 0
  readonly #old: Rotated[] = []
  /** Lines below may be gone. */
  #expired = 0

  constructor(directory: string, rotation: Rotation, options: { readonly poisoned?: boolean } = {}) {
    this.rotation = rotation
    mkdirSync(directory, { recursive: true })
    this.lines = new LineLoad(join(directory, 'app.log'), options)
  }

  rotate(): void {
    const { path, written } = this.lines
    if (!existsSync(path)) return
    const old = `${path}.${++this.rotations}`
    if (this.rotation === 'copytruncate') {
      copyFileSync(path, old)
      truncateSync(path)
    } else {
      renameSync(path, old)
    }
    this.#old.push({ path: this.rotation === 'gzip' ? `${old}.gz` : old, end: written })
    if (this.rotation !== 'gzip') return
    writeFileSync(`${old}.gz`, gzipSync(readFileSync(old)))
    rmSync(old)
  }

  /** Removes old files, but for the last three, once `have(n)` holds for all of their lines. */
  expire(have: (n: number) => boolean): void {
    for (let oldest = this.#old[0]; oldest && this.#old.length > 3; oldest = this.#old[0]) {
      for (; this.#expired < oldest.end; this.#expired++) if (!have(this.#expired)) return
      rmSync(oldest.path, { force: true })
      this.#old.shift()
    }
  }
}
