/** What `audit.integrity.certificate` may call a certificate, where it is not an id that was agreed on (audit/data-model.md). */
import type { X509Certificate } from 'node:crypto'

/** Fingerprints, which also stand for its whole text, and issuer with serial number. Lower case but for the issuer. */
export function certificateNames({
  fingerprint256,
  fingerprint,
  issuer,
  serialNumber,
}: X509Certificate): string[] {
  const plain = (text: string) => text.replaceAll(':', '').toLowerCase()
  const parts = issuer.split('\n')
  // As the certificate has them, and as RFC 4514 writes them.
  const issuers = [parts.join(','), parts.toReversed().join(',')]
  const serials = [
    serialNumber.toLowerCase(),
    serialNumber.toUpperCase(),
    String(BigInt(`0x${serialNumber}`)),
  ]
  return [
    `sha256:${plain(fingerprint256)}`,
    `sha1:${plain(fingerprint)}`,
    ...issuers.flatMap((name) => serials.map((serial) => `${name}/${serial}`)),
  ]
}
