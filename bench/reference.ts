// The reference that every rate is a ratio of: one thread reads the file and only JSON.parses each line.
import { openSync, readSync } from 'node:fs'

const path = process.argv[2]!
const chunk = Buffer.allocUnsafe(256 * 1024)
const fd = openSync(path, 'r')
let rest = Buffer.alloc(0)
let lines = 0
const started = performance.now()
for (;;) {
  const read = readSync(fd, chunk)
  if (read === 0) break
  const bytes = rest.length > 0 ? Buffer.concat([rest, chunk.subarray(0, read)]) : chunk.subarray(0, read)
  const end = bytes.lastIndexOf(10) + 1
  rest = Buffer.from(bytes.subarray(end))
  for (const line of bytes.toString('utf8', 0, end).split('\n')) {
    if (line.length === 0) continue
    JSON.parse(line)
    lines++
  }
}
process.stdout.write(JSON.stringify({ lines, seconds: (performance.now() - started) / 1000 }))
