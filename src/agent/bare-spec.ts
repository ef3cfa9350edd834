/** What a mapping is tried with where no configuration says more. */
import { attributionConfig } from '../attribution/config.ts'
import type { HashKey } from '../attribution/keyed-hash.ts'
import type { NormaliserSpec } from '../normalise/contract.ts'
import { version } from '../version.ts'

/** A receiver of this name that sets nothing but its mapping. */
export function bareSpec(
  receiver: string,
  mapping: NormaliserSpec['mapping'],
  hashKeys: readonly HashKey[],
): NormaliserSpec {
  return {
    agent: { id: receiver, version },
    receiver,
    mapping,
    raw: 'none',
    require: attributionConfig.parse({}).require,
    redact: [],
    hashKeys,
    routes: [],
  }
}
