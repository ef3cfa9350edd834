/** The benchmark's input: JSON audit lines of 450–650 bytes, the same for the same count and seed. */

import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { random } from './random.ts'

const seed = 20_261_123

const verbs = ['create', 'read', 'update', 'delete', 'approve', 'export', 'login', 'grant'] as const
const nouns = ['invoice', 'order', 'customer', 'report', 'role', 'payment'] as const
const results = ['success', 'success', 'success', 'success', 'denied', 'failure'] as const
/** `u_0` and so on. */
export const userCount = 5_000
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'billing-cli/3.4 node/24.21.0',
] as const

/** Line `n` without its newline. `n` itself is in the line, so that a receiver can count. */
function auditLine(n: number, next: () => number, time: number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!
  const user = Math.floor(next() * userCount)
  const noun = pick(nouns)
  return JSON.stringify({
    ts: new Date(time).toISOString(),
    level: 'info',
    n,
    event: `${noun}.${pick(verbs)}`,
    user: {
      id: `u_${user}`,
      name: `User ${user}`,
      email: `user${user}@example.com`,
      roles: ['clerk', pick(nouns)],
    },
    resource: {
      type: noun,
      id: `${noun}_${Math.floor(next() * 1e6)}`,
      name: `${noun} of the ${1 + Math.floor(next() * 28)}th`,
    },
    result: pick(results),
    ip: `10.${Math.floor(next() * 255)}.${Math.floor(next() * 255)}.${Math.floor(next() * 255)}`,
    user_agent: pick(agents),
    request_id: `req_${Math.floor(next() * 2 ** 31).toString(36)}${Math.floor(next() * 2 ** 31).toString(36)}`,
    session_id: `sess_${Math.floor(next() * 2 ** 31).toString(36)}`,
    org: 'acme',
    service: 'billing',
    region: 'eu-central-1',
    duration_ms: Math.floor(next() * 900),
    amount: Math.floor(next() * 1e6) / 100,
    note: 'x'.repeat(Math.floor(next() * 40)),
  })
}

export interface BenchData {
  readonly path: string
  readonly lines: number
  readonly bytes: number
}

/** Makes the file once; the next run finds it. */
export async function benchData(directory: string, lines: number): Promise<BenchData> {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, `audit-${lines}.jsonl`)
  if (!existsSync(path)) {
    const next = random(seed)
    const out = createWriteStream(`${path}.part`)
    let part: string[] = []
    for (let n = 0; n < lines; n++) {
      part.push(auditLine(n, next, 1_763_900_000_000 + n * 7))
      if (part.length === 2_000 || n === lines - 1) {
        if (!out.write(`${part.join('\n')}\n`)) await once(out, 'drain')
        part = []
      }
    }
    out.end()
    await once(out, 'close')
    const { renameSync } = await import('node:fs')
    renameSync(`${path}.part`, path)
  }
  return { path, lines, bytes: statSync(path).size }
}
