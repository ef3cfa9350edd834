/** `affiant route explain`: where events would go under this configuration, which rules decided, and why. */
import { createExplainer } from '../agent/explain-event.ts'
import { loadAgentConfig } from '../agent/load.ts'
import { nearest } from '../cel/nearest.ts'
import { AffiantError } from '../errors.ts'
import { ownReceiver } from '../routing/route.ts'
import { type EventObject, readEvents } from './read-events.ts'
import { explanationJson, renderExplanation } from './route-explain-render.ts'

export interface RouteExplainOptions {
  readonly config: readonly string[]
  /** The receiver to take the events as coming from; by default the one that they name. */
  readonly receiver?: string
  readonly json: boolean
  readonly input: AsyncIterable<Uint8Array>
  readonly output: { write(text: string): unknown }
}

/** Resolves to the exit code. @throws AffiantError usage */
export async function explainCommand(options: RouteExplainOptions): Promise<0> {
  const { json, input, output } = options
  const { config } = await loadAgentConfig(options.config)
  const receivers = Object.keys(config.receivers)
  if (options.receiver !== undefined) checkReceiver(options.receiver, receivers)
  const events = await readEvents(input)
  const explain = createExplainer(config)
  for (const [index, event] of events.entries()) {
    const receiver = options.receiver ?? receiverOf(event, receivers, index + 1)
    const explained = await explain(event, receiver)
    if (json) output.write(`${JSON.stringify(explanationJson(explained))}\n`)
    else output.write(`${index > 0 ? '\n' : ''}${renderExplanation(explained)}`)
  }
  return 0
}

function checkReceiver(receiver: string, receivers: readonly string[]): void {
  if (receiver === ownReceiver || receivers.includes(receiver)) return
  const guess = nearest(receiver, receivers)
  throw new AffiantError('usage', `the configuration has no receiver ${receiver}`, {
    hint: `${guess === undefined ? '' : `did you mean ${guess}? `}there are ${[...receivers, ownReceiver].join(', ')}`,
  })
}

/** The one that the event names. Where that is none of ours (it comes from `affiant normalize`), the only one there is. */
function receiverOf({ provenance }: EventObject, receivers: readonly string[], number: number): string {
  const named =
    typeof provenance === 'object' && provenance !== null && 'receiver' in provenance
      ? provenance.receiver
      : undefined
  if (typeof named === 'string' && (named === ownReceiver || receivers.includes(named))) return named
  const [only, ...others] = receivers
  if (only !== undefined && others.length === 0) return only
  throw new AffiantError(
    'usage',
    `event ${number} is of receiver ${JSON.stringify(named)}, which the configuration lacks`,
    {
      hint: `say which it stands for: --receiver ${receivers.join(' | ')}`,
    },
  )
}
