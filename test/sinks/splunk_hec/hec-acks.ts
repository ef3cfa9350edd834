/** Acknowledgements as Splunk keeps them: ids counted for each channel, and forgotten once `true` was said of them. */

/**
 * `prompt`: at the first question. `late`: when `acknowledge` is called. `never`: always false. `forgotten`: as after a
 * restart, no id is known. `lost_id`: taken without an id. `unreadable`: a proxy's page. `busy`: 503. `cut`: the
 * connection ends instead of an answer, after the ids are forgotten. `truthy`: anything but `true`.
 */
export type AckMood =
  | 'prompt'
  | 'late'
  | 'never'
  | 'forgotten'
  | 'lost_id'
  | 'unreadable'
  | 'busy'
  | 'cut'
  | 'truthy'

export class HecAcks {
  mood: AckMood = 'prompt'
  /** The ids of each question. */
  readonly questions: (readonly number[])[] = []
  /** Ids of a channel that were handed out and not yet told of: whether they may be. */
  readonly #channels = new Map<string, { next: number; readonly open: Map<number, boolean> }>()

  /** The id of a request that was taken; undefined where it is lost. */
  next(channel: string): number | undefined {
    const ids = this.#channels.get(channel) ?? { next: 0, open: new Map<number, boolean>() }
    this.#channels.set(channel, ids)
    const id = ids.next++
    ids.open.set(id, this.mood !== 'late')
    return this.mood === 'lost_id' ? undefined : id
  }

  /** What was late is there now. */
  acknowledge(): void {
    for (const { open } of this.#channels.values()) for (const id of open.keys()) open.set(id, true)
  }

  answer(channel: string, asked: readonly number[]): Readonly<Record<string, unknown>> {
    this.questions.push(asked)
    return Object.fromEntries([...new Set(asked)].map((id) => [id, this.#state(channel, id)]))
  }

  #state(channel: string, id: number): unknown {
    if (this.mood === 'never' || this.mood === 'forgotten') return false
    if (this.mood === 'truthy') return ['true', 1, { true: true }, [true]][id % 4]
    const open = this.#channels.get(channel)?.open
    return open?.get(id) === true && open.delete(id)
  }
}
