// `npm run bench:disk`: what an event takes on disk and on the wire, preset by preset. See bench/README.md.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { lineMakers } from './normalise/lines/index.ts'
import { makeLot } from './normalise/lot.ts'
import { figure, heading, print, row } from './table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    megabytes: { type: 'string', default: '8' },
    data: { type: 'string', default: 'bench/.data' },
  },
})
const megabytes = Number(values.megabytes)
if (!(megabytes > 0)) {
  process.stderr.write('usage: npm run bench:disk -- [--only PRESET] [--megabytes 8] [--data DIRECTORY]\n')
  process.exit(64)
}

/** A batch of a sink, as it is by default. */
const batchBytes = 1024 ** 2

interface Taken {
  readonly journal: number
  readonly sent: number
  readonly gzipped: number
}

/** The whole agent reads the file once; bytes of its journal's segments, and of what its sink wrote. Its own few events are among them. */
function taken(scratch: string, preset: string, input: string, compression: 'none' | 'zstd'): Taken {
  const directory = mkdtempSync(join(scratch, 'run-'))
  const out = join(directory, 'out.ndjson')
  const config = join(directory, 'affiant.yaml')
  const settings = {
    agent: { id: 'bench', data_dir: join(directory, 'data') },
    receivers: { app: { type: 'file', include: [input], preset } },
    sinks: { out: { type: 'file', path: out } },
    journal: { compression },
    telemetry: { listen: '127.0.0.1:0', log: { level: 'warn' } },
  }
  writeFileSync(config, JSON.stringify(settings))
  execFileSync(process.execPath, ['bin/affiant.js', 'run', '--once', '-c', config], { stdio: 'ignore' })
  const segments = join(directory, 'data', 'journal')
  const journal = readdirSync(segments)
    .filter((name) => name.endsWith('.seg'))
    .reduce((sum, name) => sum + statSync(join(segments, name)).size, 0)
  const output = readFileSync(out)
  let gzipped = 0
  for (let at = 0; at < output.length; at += batchBytes) {
    gzipped += gzipSync(output.subarray(at, at + batchBytes), { level: 1 }).length
  }
  rmSync(directory, { recursive: true })
  return { journal, sent: output.length, gzipped }
}

mkdirSync(values.data, { recursive: true })
const scratch = mkdtempSync(join(resolve(values.data), 'disk-'))
try {
  heading([
    'preset',
    'bytes a record',
    'journal, bytes an event',
    'journal with zstd',
    'sent, bytes an event',
    'sent with gzip -1',
  ])
  for (const [preset, maker] of Object.entries(lineMakers)) {
    if (values.only !== undefined && values.only !== preset) continue
    const lot = makeLot(maker, megabytes * 1e6)
    const input = join(scratch, 'input.log')
    writeFileSync(input, Buffer.concat(lot.chunks.map(({ bytes }) => bytes)))
    const plain = taken(scratch, preset, input, 'none')
    const zstd = taken(scratch, preset, input, 'zstd')
    const each = (bytes: number) => figure(bytes / lot.records)
    row([
      preset,
      each(lot.bytes),
      each(plain.journal),
      each(zstd.journal),
      each(plain.sent),
      each(plain.gzipped),
    ])
  }
} finally {
  rmSync(scratch, { recursive: true })
  print('')
}
