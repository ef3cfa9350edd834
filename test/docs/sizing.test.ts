// docs/sizing.md: what an outage costs follows from what an event takes, and what pods ask for is what the page says.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { blocksOf } from './blocks.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/sizing.md'), 'utf8')

const units = { GiB: 2 ** 30, TiB: 2 ** 40, s: 1, min: 60, h: 3600 } as const
/** `2.3 TiB`, `110 s`; the unit may stand behind the other half of a pair. */
function sizeOf(text: string, pair: string): number {
  const [, figure, unit = /(\w+)$/.exec(pair)?.[1] ?? ''] = /^([\d.]+)(?: (\w+))?$/.exec(text) ?? []
  if (!(unit in units)) throw new Error(`no size: ${text} of ${pair}`)
  return Number(figure) * units[unit as keyof typeof units]
}

/** Rows of figures under a heading that begins like this. */
function rowsUnder(heading: string): string[][] {
  const table = page.slice(page.indexOf(heading)).split('\n\n')[0]!
  const rows = table.split('\n').slice(2)
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const number = (text: string) => Number(text.replaceAll(',', ''))
const bytesAnEvent = rowsUnder('| events/s, evenly').map(([rate, ...bytes]) => ({
  rate: rate === 'as fast as can be' ? Number.POSITIVE_INFINITY : number(rate!),
  bytes: bytes.map(number),
}))

test('what an outage costs is rate × time × bytes an event', () => {
  const rows = rowsUnder('| events/s | 1 hour')
  expect(rows.map(([rate]) => rate)).toEqual(['100', '1,000', '10,000', '100,000'])
  for (const [rate, ...cells] of rows) {
    const events = number(rate!)
    const { bytes } = bytesAnEvent.find((row) => row.rate >= events)!
    const [limit, ...outages] = [cells.at(-1)!, ...cells.slice(0, -1)]
    for (const [column, hours] of [1, 8, 72].entries()) {
      const halves = outages[column]!.split(' / ')
      for (const [way, half] of halves.entries()) {
        const needed = events * hours * 3600 * bytes[way]!
        expect(Math.abs(sizeOf(half, outages[column]!) - needed) / needed).toBeLessThan(0.2)
      }
    }
    for (const [way, half] of limit.split(' / ').entries()) {
      const seconds = (10 * 2 ** 30) / (events * bytes[way]!)
      expect(Math.abs(sizeOf(half, limit) - seconds) / seconds, `${rate}: ${half}`).toBeLessThan(0.05)
    }
  }
})

test('pods ask for what the page says', () => {
  const [shown] = blocksOf('yaml resources').filter((block) => block.page === 'docs/sizing.md')
  const { requests, limits } = parse(shown!.text)
  const files = globSync('deploy/kubernetes/*/base/{deployment,daemonset}.yaml', { cwd: root })
  expect(files).toHaveLength(2)
  for (const file of files) {
    const { spec } = parse(readFileSync(join(root, file), 'utf8')).spec.template
    const agent = [...(spec.initContainers ?? []), ...spec.containers].find(({ name }) => name === 'affiant')
    expect(agent.resources.requests.memory, file).toBe(requests.memory)
    expect(agent.resources.limits.cpu, file).toBe(limits.cpu)
    expect(Number.parseInt(agent.resources.limits.memory, 10)).toBeGreaterThanOrEqual(
      Number.parseInt(limits.memory, 10),
    )
  }
})
