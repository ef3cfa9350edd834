/** Mixed input, rotations, a flapping sink and kills for as long as it is asked, then the books. */

import { deadLettersIn } from '../crash/dead-letters.ts'
import { OtlpLoad } from '../crash/load.ts'
import { type Mood, NumberedSink } from '../crash/numbered-sink.ts'
import { type AgentProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { freePort } from '../free-port.ts'
import { type Account, balance } from './books.ts'
import { RotatingFile, type Rotation } from './rotating-file.ts'
import { type Slopes, VitalSigns } from './vital-signs.ts'

export interface SoakOptions {
  readonly minutes: number
  readonly random: () => number
  readonly say: (text: string) => void
  /** What an agent logged in its life. */
  readonly keepLog: (log: string) => void
}

export interface SoakResult {
  /** What was done when, a line each. */
  readonly history: readonly string[]
  readonly accounts: readonly Account[]
  readonly lives: number
  readonly kills: number
  readonly slopes: Slopes
  /** Deliveries beyond the first of a seq. */
  readonly resent: number
  /** Events whose second delivery had another id. */
  readonly renamed: number
}

const moods: readonly (Mood | 'refuse')[] = [503, 429, 500, 'silence', 'reset', 'refuse']
const rotations: readonly Rotation[] = ['rename', 'copytruncate', 'gzip']

/** Seconds of a life before memory is expected to be level: V8 compiles what is hot, and sizes its heap. */
export const warmUp = 120

export async function soak({ minutes, random, say, keepLog }: SoakOptions): Promise<SoakResult> {
  using directory = new WorkDirectory()
  await using sink = await NumberedSink.open()
  const port = await freePort()
  const files = rotations.map(
    (rotation) =>
      new RotatingFile(directory.at('logs', rotation), rotation, { poisoned: rotation === 'rename' }),
  )
  const config = configure(directory, {
    receivers: {
      ...Object.fromEntries(
        files.map(({ rotation }) => [
          rotation,
          { type: 'file', include: [`${directory.at('logs', rotation)}/app.log*`] },
        ]),
      ),
      otlp: { type: 'otlp', http: { listen: `127.0.0.1:${port}` } },
    },
    sinks: { hook: { type: 'http', url: sink.url, timeout: '2s', retry: { initial: '50ms', max: '2s' } } },
    telemetry: { listen: '127.0.0.1:0', log: { level: 'info' } },
  })
  const signs = new VitalSigns()
  let kills = 0
  const begin = () => {
    const started = startAgent(config)
    signs.born(started.child.pid ?? 0)
    return started
  }
  const history: string[] = []
  const note = (what: string) => history.push(`${new Date().toISOString()} ${what}`)
  let agent = begin()
  await using records = new OtlpLoad(port, { batch: 5 })
  const started = performance.now()
  const elapsed = () => (performance.now() - started) / 60_000
  /** The next thing of each kind happens then, in minutes. */
  const next = { rotate: 0.05, mood: 0.1, kill: 0.2, look: 0, say: 1 }
  try {
    while (elapsed() < minutes) {
      const now = elapsed()
      for (const { lines } of files) lines.append(1 + Math.floor(random() * 8))
      if (now >= next.rotate) {
        const file = files[Math.floor(random() * files.length)]!
        file.rotate()
        note(`${file.rotation} rotated behind line ${file.lines.written - 1}`)
        const { ids } = sink.from(file.rotation)
        file.expire((n) => ids[n] !== undefined || file.lines.isPoisoned(n))
        next.rotate = now + (1 + random() * 3) / 60
      }
      if (now >= next.mood) {
        const sulks = random() < 0.5
        const mood = sulks ? moods[Math.floor(random() * moods.length)]! : 204
        note(`the sink: ${mood}`)
        await sink.turn(mood)
        next.mood = now + (sulks ? 1 + random() * 8 : 3 + random() * 15) / 60
      }
      // The last third belongs to one process, whose memory is watched.
      if ((now >= next.kill && now < (minutes * 2) / 3) || !agent.running) {
        if (agent.running) kills++
        const signal = random() < 0.7 ? 'SIGKILL' : 'SIGTERM'
        await die(agent, signal, say)
        keepLog(agent.stderr)
        note(`ended with ${signal}; lines so far: ${files.map(({ lines }) => lines.written).join(', ')}`)
        agent = begin()
        next.kill = now + (5 + random() * 55) / 60
      }
      if (now >= next.look) {
        signs.look()
        next.look = now + 2 / 60
      }
      if (now >= next.say) {
        say(
          `${Math.round(now)} min: ${files.map(({ lines }) => lines.written).join(' + ')} lines, ${sink.events} events at the sink`,
        )
        next.say = now + 1
      }
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    await sink.turn(204)
    await records.finish()
    await settled(directory.at('data'), files, sink, records, agent)
    await die(agent, 'SIGTERM', say)
  } finally {
    await agent[Symbol.asyncDispose]()
    keepLog(agent.stderr)
  }
  return {
    history,
    accounts: await balance(directory.at('data'), files, sink, records),
    lives: signs.lives,
    kills,
    slopes: signs.slopes(warmUp),
    resent: [...rotations, 'otlp'].reduce((sum, name) => sum + sink.from(name).resent, 0),
    renamed: [...rotations, 'otlp'].reduce((sum, name) => sum + sink.from(name).renamed.size, 0),
  }
}

async function die(agent: AgentProcess, signal: NodeJS.Signals, say: (text: string) => void): Promise<void> {
  if (!agent.running) say(`the agent ended by itself: ${agent.stderr.slice(-2000)}`)
  agent.signal(signal)
  await agent.ended
}

/** Ten minutes for what is left: more than any backlog here needs; what is missing then is lost. */
async function settled(
  dataDir: string,
  files: readonly RotatingFile[],
  sink: NumberedSink,
  records: OtlpLoad,
  agent: AgentProcess,
): Promise<void> {
  const deadline = performance.now() + 600_000
  const missing = () => {
    const letters = deadLettersIn(dataDir, 'hook')
    const lines = files.flatMap(({ rotation, lines: { written } }) =>
      sink
        .from(rotation)
        .missing(written)
        .filter((n) => rotation !== 'rename' || !letters.has(n)),
    )
    return lines.length + sink.from('otlp').missing(records.acknowledged).length
  }
  let left = missing()
  let progress = performance.now()
  while (left > 0 && agent.running && performance.now() < deadline && performance.now() - progress < 60_000) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const now = missing()
    if (now < left) progress = performance.now()
    left = now
  }
}
