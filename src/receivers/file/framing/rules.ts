/** What a receiver's configuration says of framing, and what its format needs, compiled. */
import type { Joining } from '../../../event/joining.ts'
import type { FileReceiverConfig } from '../config.ts'
import type { FramingRules } from './begin.ts'
import type { JoiningRules } from './joiner.ts'
import { continuesByLabel } from './labels.ts'
import { compileMultiline } from './multiline.ts'

/** Milliseconds. As long as auditd itself waits for the end of an event (`end_of_event_timeout`). */
const auditTimeout = 2_000
/** Milliseconds. Other writers write a record at once. */
const timeout = 1_000

/** `joining` is what the records' format needs; `multiline` in the configuration takes its place. */
export function framingRules(config: FileReceiverConfig, joining?: Joining): FramingRules {
  const { encoding, container, multiline, max_record: maxRecord } = config
  const rules =
    multiline === undefined
      ? joining && compileJoining(joining)
      : { kind: 'lines' as const, continues: compileMultiline(multiline), timeout: multiline.timeout }
  return { encoding, container, maxRecord, ...(rules && { joining: rules }) }
}

export function compileJoining(joining: Joining): JoiningRules {
  switch (joining.kind) {
    case 'auditd':
      return { kind: 'auditd', timeout: auditTimeout }
    case 'quotes':
      return { ...joining, timeout }
    case 'labels':
      return { kind: 'lines', continues: continuesByLabel(joining), timeout }
  }
}
