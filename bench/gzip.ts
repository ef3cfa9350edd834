// What `s3` is compared with: gzip and nothing else, in one thread, of the same bytes in pieces as large as its objects.
import { openSync, readSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const [path, level] = process.argv.slice(2) as [string, string]
const piece = Buffer.allocUnsafeSlow(16 * 1024 ** 2)
const fd = openSync(path, 'r')
let milliseconds = 0
for (let length = readSync(fd, piece); length > 0; length = readSync(fd, piece)) {
  const started = performance.now()
  gzipSync(piece.subarray(0, length), { level: Number(level) })
  milliseconds += performance.now() - started
}
process.stdout.write(JSON.stringify({ seconds: milliseconds / 1000 }))
