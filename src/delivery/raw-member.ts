/** `raw_data` as it is spliced into an event's line: as text, or in base64 where the event says so. */

/** `,"raw_data":"…"`, for behind the last member of `canonical`. */
export function rawMember(canonical: Buffer, raw: Buffer): Buffer {
  const encoding = rawEncoding(canonical.toString()) === 'base64' ? 'base64' : 'utf8'
  return Buffer.from(`,"raw_data":${JSON.stringify(raw.toString(encoding))}`)
}

function rawEncoding(canonical: string): unknown {
  const event: unknown = JSON.parse(canonical)
  if (typeof event !== 'object' || event === null || !('raw' in event)) return undefined
  const { raw } = event
  return typeof raw === 'object' && raw !== null && 'encoding' in raw ? raw.encoding : undefined
}
