/**
 * Certificates are renewed while the agent runs: their files are looked at by time.
 *
 * Invariant: what is in use is replaced only by a pair that was checked, of files that were the same for a whole look:
 * the certificate may be there before its key.
 */
import { stat } from 'node:fs/promises'
import { asError } from '../../errors.ts'
import type { TlsConfig } from './config.ts'
import type { CertificateFacts } from './notice.ts'
import { checkTlsFiles, readTlsFiles, type TlsFiles } from './tls-files.ts'

/** What became of files that had changed. */
export type TlsNews =
  | { readonly files: TlsFiles; readonly certificate: CertificateFacts }
  | { readonly problem: string }

export class WatchedTls {
  readonly #tls: TlsConfig
  readonly #place: string
  /** Of what is in use, or was told of. */
  #known = ''
  #changing = ''
  #used: TlsFiles | undefined
  #faulty = false

  /** `place` is where it stands in the receiver's configuration: `http.tls`. */
  constructor(tls: TlsConfig, place: string) {
    this.#tls = tls
    this.#place = place
  }

  /** What is there at the start. Rejects with `config_unreadable` or `config_invalid`. */
  async open(): Promise<TlsFiles> {
    this.#known = await this.#trace()
    const files = await readTlsFiles(this.#tls, this.#place)
    checkTlsFiles(files, this.#tls, this.#place)
    this.#used = files
    return files
  }

  /** What is new since the last look, if anything is; a problem is told once. */
  async look(): Promise<TlsNews | undefined> {
    const trace = await this.#trace()
    if (trace === this.#known) return undefined
    if (trace !== this.#changing) {
      this.#changing = trace
      return undefined
    }
    this.#known = trace
    try {
      const files = await readTlsFiles(this.#tls, this.#place)
      const certificate = checkTlsFiles(files, this.#tls, this.#place)
      // What is in use was touched; after a fault it is told of: the fault is over.
      if (isSame(files, this.#used) && !this.#faulty) return undefined
      this.#used = files
      this.#faulty = false
      return { files, certificate }
    } catch (thrown) {
      this.#faulty = true
      return { problem: asError(thrown).message }
    }
  }

  /** What changes when a file does; follows links, as mounted secrets are some. */
  async #trace(): Promise<string> {
    const { cert, key, client_ca: ca } = this.#tls
    const paths = ca === undefined ? [cert, key] : [cert, key, ca]
    const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
    return found.map((stats) => `${stats?.ino} ${stats?.size} ${stats?.mtimeMs} ${stats?.ctimeMs}`).join()
  }
}

const isSame = (a: TlsFiles, b: TlsFiles | undefined): boolean =>
  b !== undefined &&
  a.cert.equals(b.cert) &&
  a.key.equals(b.key) &&
  (a.ca === undefined || b.ca === undefined || a.ca.equals(b.ca))
