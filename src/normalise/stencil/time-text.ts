/** A time as an event has it, in bytes: filled in without a text being made for every line. */

/** Bytes: more than any time takes, and room for what is copied too many. */
const room = 40

export class TimeText {
  readonly bytes = new Uint8Array(room)
  readonly view = new DataView(this.bytes.buffer)
  length = 0

  static of(text: string): TimeText {
    const time = new TimeText()
    time.set(text)
    return time
  }

  set(text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[i] = text.charCodeAt(i)
    this.length = text.length
  }

  /** Times of the same form come after each other as their texts do. */
  isAfter(time: string): boolean {
    const { bytes, length } = this
    for (let i = 0; i < length; i++) {
      const difference = bytes[i]! - time.charCodeAt(i)
      if (difference !== 0) return difference > 0
    }
    return false
  }
}
