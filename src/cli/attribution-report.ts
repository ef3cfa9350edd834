/** `affiant attribution report`: what is missing in events, how often, by producer and action. */
import type { Readable } from 'node:stream'
import { AttributionSurvey, type Surveyed } from '../attribution/survey.ts'
import { schemaName } from '../event/vocabulary.ts'
import { openJournalForReading } from '../journal/reading.ts'
import { ownReceiver } from '../routing/route.ts'
import { ShapeError } from '../shapes/shape.ts'
import { recognise } from '../shapes/shapes.ts'
import { renderReport, reportJson } from './attribution-render.ts'
import { type Input, openInputs } from './input.ts'
import type { JournalPlace } from './journal-place.ts'
import { wholeLines } from './whole-lines.ts'

interface ReportOptions {
  /** `-`, or none: the standard input. */
  readonly files: readonly string[]
  /** Read instead of files. */
  readonly journal?: JournalPlace | undefined
  readonly json: boolean
  /** Rows of actions at most. */
  readonly top: number
  readonly input: Readable
  readonly output: { write(text: string): unknown }
  readonly say: (line: string) => void
}

/** Bytes of the longest event that is read. */
const maxLine = 64 * 1024 ** 2
/** Lines that are no events and are named one by one. */
const mostNamed = 5

/** Resolves to the exit code: 1 if any line was no event. @throws AffiantError for what cannot be read */
export async function reportCommand({
  files,
  journal,
  json,
  top,
  input,
  output,
  say,
}: ReportOptions): Promise<0 | 1> {
  const survey = new AttributionSurvey()
  let other = 0
  const add = (text: string, where: () => string): void => {
    const found = eventsIn(text)
    if (typeof found === 'string') {
      if (++other <= mostNamed) say(`${where()}: ${found}`)
    } else for (const event of found) if (event.provenance?.receiver !== ownReceiver) survey.add(event)
  }
  if (journal !== undefined) await readJournal(journal, add)
  else for (const each of openInputs(files, input)) await readEvents(each, add)
  if (other > mostNamed) say(`${other} lines were no events`)
  output.write(json ? `${JSON.stringify(reportJson(survey))}\n` : renderReport(survey, top))
  return other > 0 ? 1 : 0
}

type Add = (text: string, where: () => string) => void

async function readEvents({ name, bytes: input }: Input, add: Add): Promise<void> {
  let number = 0
  for await (const { bytes } of wholeLines(input, maxLine)) {
    for (const text of Buffer.from(bytes).toString().replace(/\n$/, '').split('\n')) {
      number++
      if (text.trim() !== '') add(text, () => `${name}:${number}`)
    }
  }
}

async function readJournal({ dataDir, keys }: JournalPlace, add: Add): Promise<void> {
  const view = await openJournalForReading(dataDir, { keys })
  await using reader = view.read(view.firstSeq)
  for (let block = await reader.next(); block !== null; block = await reader.next()) {
    const { firstSeq } = block
    const lines = block.payload.toString().split('\n')
    lines.forEach((text, i) => {
      if (text !== '') add(text, () => `seq ${firstSeq + i}`)
    })
  }
}

interface Event extends Surveyed {
  readonly provenance?: { readonly receiver?: unknown }
}

/** The events of a line, which is a document of any shape; or what is wrong with it. */
function eventsIn(text: string): readonly Event[] | string {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return 'is no JSON: one event a line is read'
  }
  if (isEvent(document)) return [document]
  const shape = recognise(document)
  if (shape === undefined) return 'is no event of schema audit-event/1, and of no shape that carries one'
  try {
    return shape.read(document).map((line): Event => JSON.parse(line))
  } catch (thrown) {
    if (thrown instanceof ShapeError) return thrown.message
    throw thrown
  }
}

const isEvent = (value: unknown): value is Event =>
  typeof value === 'object' && value !== null && Reflect.get(value, 'schema') === schemaName
