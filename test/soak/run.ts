/**
 * `npm run soak [-- --minutes N]`: the real process under mixed input for 30 minutes, with a rotation every few seconds, a
 * sink that flaps and kills at random. Exits 1 unless the books balance to the event, and memory and descriptors are level.
 */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { keepResult } from '../crash/results.ts'
import { randomFrom, seed } from '../seed.ts'
import { soak, warmUp } from './soak.ts'

/** Above these a process grows; they hold for a run that watched it, warm, for ten minutes. */
const bounds = { memory: 1, descriptors: 0.2, seconds: 420 }

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new RangeError('--minutes takes a number above 0')

const kept = join(import.meta.dirname, '../../out/crash')
const historyFile = join(kept, 'soak-history.txt')
const agentLog = join(kept, 'soak-agents.log')
mkdirSync(kept, { recursive: true })
rmSync(agentLog, { force: true })

const say = (text: string) => process.stdout.write(`${text}\n`)
say(`${minutes} min, seed ${seed}`)
const { accounts, slopes, history, ...rest } = await soak({
  minutes,
  random: randomFrom(seed),
  say,
  keepLog: (log) => appendFileSync(agentLog, log),
})
for (const account of accounts) say(JSON.stringify(account))
const rounded = Object.fromEntries(
  Object.entries(slopes).map(([name, value]) => [name, Math.round(value * 100) / 100]),
)
const lines = accounts.filter(({ receiver }) => receiver !== 'otlp')
const sum = (key: 'written' | 'rotations' | 'lost' | 'twice' | 'deadLetters', of = accounts) =>
  of.reduce((total, account) => total + account[key], 0)
keepResult('soak', {
  full: minutes >= 30,
  minutes,
  seed,
  ...rest,
  ...rounded,
  lines: sum('written', lines),
  records: sum('written') - sum('written', lines),
  rotations: sum('rotations'),
  deadLetters: sum('deadLetters'),
  lost: sum('lost', lines),
  twice: sum('twice'),
  acknowledgedLost: sum('lost') - sum('lost', lines),
})

const fail = (reason: string) => {
  say(`FAILED: ${reason}`)
  process.exitCode = 1
}
for (const { receiver, written, journal, lost, twice, wrong } of accounts) {
  if (lost !== 0 || twice !== 0) fail(`${receiver}: ${lost} lost, ${twice} twice: lines ${wrong}`)
  if (receiver === 'otlp' ? journal < written : journal !== written) {
    fail(`${receiver}: ${written} written, ${journal} in the journal`)
  }
}
if (rest.renamed > 0) fail(`${rest.renamed} events were delivered again under another id`)
if (slopes.seconds < bounds.seconds) {
  say(
    `memory and descriptors: watched for ${Math.round(slopes.seconds)} s beyond ${warmUp} s of warming up, too short to judge`,
  )
} else {
  if (slopes.memory > bounds.memory) fail(`memory grows by ${rounded.memory} MiB a minute`)
  if (slopes.descriptors > bounds.descriptors) fail(`descriptors grow by ${rounded.descriptors} a minute`)
}

writeFileSync(historyFile, `${history.join('\n')}\n`)
if (process.exitCode === 1) {
  say(
    `what was done when, and what the agents logged: ${[historyFile, agentLog].map((path) => relative(process.cwd(), path)).join(', ')}`,
  )
}
