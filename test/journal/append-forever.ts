/** A process to be killed: appends numbered lines from where the journal says, and prints the last one acknowledged. */
import { batchOf, open, smallConfig, stream } from './journal-directory.ts'

/** Of `journal:`, as JSON. */
const settings: Record<string, unknown> = JSON.parse(process.argv[3] ?? '{}')
const journal = await open(process.argv[2]!, {
  config: smallConfig({ max_size: '256MiB', segment_size: '256KiB', ...settings }),
})
const id = stream(1)
let next = journal.liveStreams()[0]?.position.offset ?? 0
await journal.append(batchOf([]), {
  stream: id,
  descriptor: Buffer.from('file'),
  position: { offset: next, ranges: [] },
})

async function appendForever(): Promise<void> {
  for (;;) {
    const from = next
    next += 1 + Math.floor(Math.random() * 50)
    const end = next
    const lines = Array.from({ length: end - from }, (_, i) => String(from + i))
    await journal.append(batchOf(lines), { stream: id, position: { offset: end, ranges: [] } })
    process.stdout.write(`${end - 1}\n`)
  }
}

await Promise.all([appendForever(), appendForever(), appendForever()])
