/** An application that writes numbered lines to one file, and a rotation that knows three ways. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'
import { randomFrom } from '../seed.ts'

/** More than a test rotates: what is deleted before anyone could see it is not what is tested. */
const kept = 400

export type Rotation = 'rename' | 'copytruncate' | 'gzip'

export type Names = 'numbered' | 'shifted'

export const lineOf = (n: number) => `{"event":"row.read","user":"u_${n % 7}","n":${n}}\n`

/** Line numbers. */
export interface Generation {
  readonly first: number
  last: number
  /** From here on, lines were written after the copy was made, and truncated. */
  lostFrom: number
}

export class RotatingWriter {
  readonly path: string
  written = 0
  readonly generations: Generation[] = []
  readonly #random: () => number
  readonly #names: Names

  /** `numbered`: app.log.1, app.log.2 …, never renamed again. `shifted`: app.log.1 is always the newest, of `kept`. */
  constructor(path: string, seed: number, names: Names) {
    this.path = path
    this.#names = names
    this.#random = randomFrom(seed)
    writeFileSync(path, '')
    this.#begin()
  }

  /** Appends up to line `end`; every write may end in mid-line. */
  append(end: number): void {
    while (this.written < end) {
      const stop = Math.min(end, this.written + 1 + Math.floor(this.#random() * 400))
      let part = ''
      for (; this.written < stop; this.written += 1) {
        part += lineOf(this.written)
      }
      const cut = Math.floor(this.#random() * part.length)
      appendFileSync(this.path, part.slice(0, cut))
      appendFileSync(this.path, part.slice(cut))
    }
    this.generations.at(-1)!.last = this.written
  }

  /** `late` lines are written between the copy and the truncation. */
  rotate(kind: Rotation, number: number, late: number): void {
    const rotated = this.#names === 'numbered' ? `${this.path}.${number}` : this.#shift()
    const generation = this.generations.at(-1)!
    if (kind === 'copytruncate') {
      copyFileSync(this.path, rotated)
      generation.lostFrom = this.written
      if (late > 0) this.append(this.written + late)
      truncateSync(this.path)
    } else {
      renameSync(this.path, rotated)
      writeFileSync(this.path, '')
      if (kind === 'gzip') compress(rotated)
    }
    if (kind !== 'copytruncate' || late === 0) generation.lostFrom = Number.POSITIVE_INFINITY
    this.#begin()
  }

  #shift(): string {
    for (let number = kept; number > 0; number -= 1) {
      for (const end of ['', '.gz']) {
        const from = `${this.path}.${number}${end}`
        if (!existsSync(from)) continue
        if (number === kept) unlinkSync(from)
        else renameSync(from, `${this.path}.${number + 1}${end}`)
      }
    }
    return `${this.path}.1`
  }

  #begin(): void {
    this.generations.push({
      first: this.written,
      last: this.written,
      lostFrom: Number.POSITIVE_INFINITY,
    })
  }
}

/** As gzip(1) does it: the time is kept, and the original goes last. */
function compress(path: string): void {
  const { atime, mtime } = statSync(path)
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)))
  utimesSync(`${path}.gz`, atime, mtime)
  unlinkSync(path)
}
