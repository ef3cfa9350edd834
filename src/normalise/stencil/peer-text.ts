import { canonicalize } from '../../event/canonical.ts'
import { identityOf, type RecordChunk } from '../../event/record.ts'

/** Who delivered a record, as a member of its provenance with what separates it from the next one. */
export function peerText(peer: NonNullable<RecordChunk['peer']>): string {
  return `"peer":${canonicalize(identityOf(peer))},`
}
