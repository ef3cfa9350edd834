/** A container's log as the kubelet keeps it: a link by name, and the files of the pod in a directory elsewhere. */
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Bench } from './harness.ts'

export class Kubelet {
  readonly include = 'containers/*.log'
  readonly written: string[] = []
  readonly #bench: Bench
  #restarts = 0
  #second = 0
  /** Rotated last, and not compressed yet. */
  #uncompressed: string | null = null

  constructor(bench: Bench) {
    this.#bench = bench
    mkdirSync(bench.path('containers'))
    mkdirSync(bench.path('pods/app'), { recursive: true })
    writeFileSync(this.current, '')
    symlinkSync(this.current, bench.path('containers/app.log'))
  }

  get current(): string {
    return this.#bench.path(`pods/app/${this.#restarts}.log`)
  }

  write(count: number): void {
    for (let line = 0; line < count; line += 1) {
      const text = `line ${this.written.length}`
      this.written.push(text)
      appendFileSync(this.current, `${text}\n`)
    }
  }

  /** The file is renamed to the second; what was renamed before that is compressed. */
  rotate(): void {
    if (this.#uncompressed !== null) {
      writeFileSync(`${this.#uncompressed}.tmp`, gzipSync(readFileSync(this.#uncompressed)))
      renameSync(`${this.#uncompressed}.tmp`, `${this.#uncompressed}.gz`)
      unlinkSync(this.#uncompressed)
    }
    this.#second += 1
    this.#uncompressed = `${this.current}.20261123-12${String(this.#second).padStart(4, '0')}`
    renameSync(this.current, this.#uncompressed)
    writeFileSync(this.current, '')
  }

  /** The container begins again, with another file. */
  restart(): void {
    this.#restarts += 1
    this.#uncompressed = null
    writeFileSync(this.current, '')
    symlinkSync(this.current, this.#bench.path('containers/switch'))
    renameSync(this.#bench.path('containers/switch'), this.#bench.path('containers/app.log'))
  }
}
