// Hears of processes on standard input, `+pid` and `-pid` a line, and kills those that are left when nobody is there
// any more who could say more: see processes.ts. JavaScript, since there is one for each worker, and types take time.
import { createInterface } from 'node:readline'

const living = new Set()
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1))
  if (line.startsWith('+')) living.add(pid)
  else living.delete(pid)
}
for (const pid of living) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
