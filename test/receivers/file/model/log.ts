/** One log of an application, with all that a rotation made of it: real files, and what was ever written to them. */
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
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Names } from './script.ts'

/** What is written to a file from its beginning, or from when it was truncated. */
export interface Generation {
  /** Complete ones. Each is there once, but the first, which several generations may have. */
  readonly lines: { readonly text: string; readonly offset: number }[]
  /** Bytes of them. */
  size: number
}

interface Rotated {
  path: string
  readonly generation: Generation
}

export class Log {
  readonly path: string
  readonly generations: Generation[] = []
  current: Generation
  /** What the generations to come begin with. */
  header: string | null = null
  /** The newest first. */
  readonly #rotated: Rotated[] = []
  readonly #names: Names
  readonly #name: string
  #numbered = 0
  #dated = 0
  /** The last line, as far as it was written. */
  #begun: { readonly text: string; readonly written: number } | null = null
  #compressing: { readonly of: Rotated; readonly path: string; readonly rest: Buffer } | null = null

  constructor(path: string, names: Names) {
    this.path = path
    this.#names = names
    this.#name = basename(path)
    writeFileSync(path, '')
    this.current = this.#begin()
  }

  /** `unfinished`: half of the last line is for later. */
  append(count: number, width: number, unfinished: boolean): void {
    let text = this.#rest()
    if (this.current.size === 0 && this.header !== null) text += this.#line(this.header)
    for (let i = 0; i < count; i += 1) {
      const line = this.#next(width)
      if (i < count - 1 || !unfinished) text += this.#line(line)
      else {
        const written = Math.ceil(line.length / 2)
        this.#begun = { text: line, written }
        text += line.slice(0, written)
      }
    }
    appendFileSync(this.path, text)
  }

  /** Writes the rest of an unfinished line. */
  finish(path = this.path): void {
    if (this.#begun) appendFileSync(path, this.#rest())
  }

  /** `late`: whoever writes has not heard of it until afterwards. */
  rename(late: boolean, create: boolean): void {
    if (!existsSync(this.path)) return
    this.compressed()
    if (!late) this.finish()
    const path = this.#rotate()
    renameSync(this.path, path)
    if (late) this.finish(path)
    if (create) writeFileSync(this.path, '')
    this.#begin()
  }

  copyTruncate(): void {
    if (!existsSync(this.path)) return
    this.compressed()
    this.finish()
    copyFileSync(this.path, this.#rotate())
    truncateSync(this.path)
    this.#begin()
  }

  /** As gzip(1) does it: what it has compressed grows beside the original, which goes last. */
  compress(): void {
    const of = this.#rotated[0]
    if (!of || this.#compressing || of.path.endsWith('.gz')) return
    const path = `${of.path}.gz`
    const bytes = gzipSync(readFileSync(of.path))
    const half = bytes.length >> 1
    writeFileSync(path, bytes.subarray(0, half))
    this.#compressing = { of, path, rest: bytes.subarray(half) }
  }

  compressed(): void {
    if (!this.#compressing) return
    const { of, path, rest } = this.#compressing
    this.#compressing = null
    appendFileSync(path, rest)
    const { atime, mtime } = statSync(of.path)
    utimesSync(path, atime, mtime)
    unlinkSync(of.path)
    of.path = path
  }

  /** The generation that `delete` would take away. */
  get oldest(): Generation {
    return this.#rotated.at(-1)?.generation ?? this.current
  }

  delete(): void {
    this.compressed()
    const rotated = this.#rotated.pop()
    if (!rotated && !existsSync(this.path)) return
    unlinkSync(rotated?.path ?? this.path)
    if (!rotated) this.#begin()
  }

  truncate(): void {
    if (!existsSync(this.path)) return
    truncateSync(this.path)
    this.#begin()
  }

  replace(lines: number): void {
    this.#begin()
    let text = this.header === null ? '' : this.#line(this.header)
    for (let i = 0; i < lines; i += 1) text += this.#line(this.#next(20))
    const made = join(dirname(this.path), `.${this.#name}.new`)
    writeFileSync(made, text)
    renameSync(made, this.path)
  }

  #begin(): Generation {
    this.#begun = null
    this.current = { lines: [], size: 0 }
    this.generations.push(this.current)
    return this.current
  }

  #next(width: number): string {
    this.#numbered += 1
    return `${this.#name} ${this.generations.length}.${this.#numbered} `.padEnd(width, 'x')
  }

  #rest(): string {
    if (!this.#begun) return ''
    const { text, written } = this.#begun
    this.#begun = null
    return this.#line(text).slice(written)
  }

  #line(text: string): string {
    this.current.lines.push({ text, offset: this.current.size })
    this.current.size += text.length + 1
    return `${text}\n`
  }

  /** The name for what is rotated now. */
  #rotate(): string {
    let path = `${this.path}-2026${(++this.#dated).toString().padStart(4, '0')}`
    if (this.#names === 'shifted') {
      for (const [i, rotated] of [...this.#rotated.entries()].reverse()) {
        const end = rotated.path.endsWith('.gz') ? '.gz' : ''
        const moved = `${this.path}.${i + 2}${end}`
        renameSync(rotated.path, moved)
        rotated.path = moved
      }
      path = `${this.path}.1`
    }
    this.#rotated.unshift({ path, generation: this.current })
    return path
  }
}
