/** Records of lines that follow each other, as `multiline` in the configuration says. */
import type { Emit, Joiner, Output } from './joiner.ts'
import type { Continues } from './multiline.ts'
import type { PendingRecord } from './pending-record.ts'
import { RecordPerOutput } from './record-per-output.ts'

export class MultilineRecords extends RecordPerOutput implements Joiner {
  readonly #continues: Continues

  constructor(continues: Continues, emit: Emit) {
    super(emit)
    this.#continues = continues
  }

  take(output: Output, line: PendingRecord, now: number): PendingRecord | undefined {
    const before = this.recordOf(output)
    if (before && (line.isBlank || this.#continues(line.text()))) {
      before.addLine(line)
      return this.keep(output, before, now)
    }
    if (line.isBlank) {
      this.emit(line)
      return undefined
    }
    this.complete(output)
    return this.keep(output, line, now)
  }
}
