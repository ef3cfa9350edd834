/** Certificates are renewed while the agent runs: a listener serves the new ones from the next connection on. */
import type { TlsConfig } from './config.ts'
import type { CertificateFacts } from './notice.ts'
import { ReplacedFiles } from './replaced-files.ts'
import { checkTlsFiles, readTlsFiles, type TlsFiles } from './tls-files.ts'

export interface ServedTls {
  readonly files: TlsFiles
  readonly certificate: CertificateFacts
}

/** `place` is where it stands in the receiver's configuration: `http.tls`. Rejects with `config_unreadable` or `config_invalid`. */
export function watchedTls(tls: TlsConfig, place: string): Promise<ReplacedFiles<ServedTls>> {
  const { cert, key, client_ca: ca } = tls
  return ReplacedFiles.open({
    paths: ca === undefined ? [cert, key] : [cert, key, ca],
    load: async () => {
      const files = await readTlsFiles(tls, place)
      return { files, certificate: checkTlsFiles(files, tls, place) }
    },
    isSame: ({ files: a }, { files: b }) =>
      a.cert.equals(b.cert) &&
      a.key.equals(b.key) &&
      (a.ca === undefined || b.ca === undefined || a.ca.equals(b.ca)),
  })
}
