// A sink that costs next to nothing: reads HTTP/1.1 requests off the socket by Content-Length and says that all is well,
// in the words that ANSWER names, DELAY milliseconds after it has read them.
// With LATENCY=1 it reads the NDJSON too, and knows of each line how long it was under way.
import { createServer, type Socket } from 'node:net'

const measureLatency = process.env.LATENCY === '1'
const delay = Number(process.env.DELAY ?? 0)

const answers: Readonly<Record<string, Buffer>> = {
  http: Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'),
  otlp: answerWith('application/x-protobuf', ''),
  splunk_hec: answerWith('application/json', '{"text":"Success","code":0}'),
  s3: answerWith('application/xml\r\nETag: "bench"', ''),
}
const answer = answers[process.env.ANSWER ?? 'http']!
/** To HEAD: an object store is asked first whether it has the object. */
const absent = Buffer.from('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')

function answerWith(type: string, body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}
const headEnd = Buffer.from('\r\n\r\n')
const delays: number[] = []
let requests = 0
let bytes = 0
let lines = 0
/** Bytes before compression: of gzip bodies, the size that their trailer states. */
let inflatedBytes = 0

/** What every line of the benchmark's data has once, in whatever shape a collector sends it. */
const marker = Buffer.from('req_')

/** Counts markers, one that is cut by the end of a read included. Returns what the next read must be joined to. */
function countLines(carried: Buffer, data: Buffer): Buffer {
  const joined = carried.length > 0 ? Buffer.concat([carried, data]) : data
  for (let at = joined.indexOf(marker); at >= 0; at = joined.indexOf(marker, at + marker.length)) lines++
  return Buffer.from(joined.subarray(Math.max(0, joined.length - (marker.length - 1))))
}

function serve(socket: Socket): void {
  let head: Buffer = Buffer.alloc(0)
  let body: Buffer[] = []
  let missing = -1
  let gzip = false
  let carried: Buffer = Buffer.alloc(0)
  let trailer: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (data: Buffer) => {
    let rest = data
    while (rest.length > 0) {
      if (missing < 0) {
        head = head.length > 0 ? Buffer.concat([head, rest]) : rest
        const end = head.indexOf(headEnd)
        if (end < 0) return
        const fields = head.toString('latin1', 0, end)
        if (fields.startsWith('HEAD ')) {
          socket.write(absent)
          rest = head.subarray(end + 4)
          head = Buffer.alloc(0)
          continue
        }
        const length = /content-length: *(\d+)/i.exec(fields)
        if (!length) {
          socket.end('HTTP/1.1 411 Length Required\r\n\r\n')
          return
        }
        missing = Number(length[1])
        gzip = /content-(?:encoding: *|type: *application\/)gzip/i.test(fields)
        rest = head.subarray(end + 4)
        head = Buffer.alloc(0)
      }
      const taken = rest.subarray(0, missing)
      if (measureLatency) body.push(Buffer.from(taken))
      missing -= taken.length
      bytes += taken.length
      if (gzip) trailer = Buffer.from(Buffer.concat([trailer, taken.subarray(-4)]).subarray(-4))
      else {
        inflatedBytes += taken.length
        if (!measureLatency) carried = countLines(carried, taken)
      }
      rest = rest.subarray(taken.length)
      if (missing > 0) return
      requests++
      if (gzip) inflatedBytes += trailer.readUInt32LE(0)
      if (measureLatency) {
        const now = Date.now()
        for (const line of Buffer.concat(body).toString('utf8').split('\n')) {
          const written = /"written_ms":"?(\d+)/.exec(line)
          if (written) delays.push(now - Number(written[1]))
          if (line.length > 0) lines++
        }
        body = []
      }
      missing = -1
      carried = Buffer.alloc(0)
      if (delay === 0) socket.write(answer)
      else setTimeout(() => socket.write(answer), delay)
    }
  })
}

/** For peers that speak plain TCP: bytes as they come, nothing answered. */
function swallow(socket: Socket): void {
  let carried: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (data: Buffer) => {
    bytes += data.length
    inflatedBytes += data.length
    carried = countLines(carried, data)
  })
}

const server = createServer(process.env.PLAIN_TCP === '1' ? swallow : serve)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' && address ? address.port : 0 })
})
process.on('message', (message) => {
  if (message !== 'report') return
  delays.sort((a, b) => a - b)
  const at = (q: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * q))] ?? null
  process.send?.({
    requests,
    bytes,
    inflatedBytes,
    lines,
    measured: delays.length,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
  })
})
