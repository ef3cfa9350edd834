/** What a receiver's configuration says of framing, compiled. */
import type { FileReceiverConfig } from '../config.ts'
import type { FramingRules } from './begin.ts'
import { compileMultiline } from './multiline.ts'

export function framingRules(config: FileReceiverConfig): FramingRules {
  const { encoding, container, multiline, max_record: maxRecord } = config
  if (multiline === undefined) return { encoding, container, maxRecord }
  const { timeout } = multiline
  return { encoding, container, maxRecord, multiline: { continues: compileMultiline(multiline), timeout } }
}
