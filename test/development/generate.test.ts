/** What is generated is committed as it would be generated now; a file that differs is named. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

test('npm run generate would change nothing', async () => {
  const child = spawn(process.execPath, ['development/generate.ts', '--check'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  expect({ code, out, err }).toEqual({ code: 0, out: '', err: '' })
})
