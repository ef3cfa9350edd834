// The README's first ten minutes, typed one after the other into a fresh copy: each prints what the README says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Checkout } from '../e2e/checkout.ts'

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  block!.trim().split('\n'),
)

/** The README's own command that starts like this: what is typed here is what stands there. */
function command(start: string): string {
  const found = commands.find((line) => line.startsWith(start))
  if (found === undefined) throw new Error(`the README has no command ${start}`)
  return found
}

test('the first ten minutes', { timeout: 150_000 }, async () => {
  using checkout = new Checkout()

  {
    // `npm ci` is what the copy stands for.
    await using agent = checkout.start(command('npm ci && npm start').replace('npm ci && ', ''))
    const started = await agent.waitFor('Next: npm run demo:event | demo:otlp | demo:crash')
    expect(started).toMatch(/^affiant \d+\.\d+\.\d+, node 24, config\/quickstart\.yaml, ready in [\d,]+ ms$/m)
    expect(started).toContain('  follows   demo/app-audit.log (212 lines)\n')
    expect(started).toContain('  listens   127.0.0.1:4318 OTLP/HTTP, 127.0.0.1:9598 health and metrics\n')
    expect(started).toContain('  journal   ./data, fsync before acknowledging\n')
    expect(started).toContain('  delivers  out/events.ndjson, terminal\n')
    expect(started).toContain('212 lines read = committed = delivered; 3 incomplete\n')

    await checkout.type(command('echo '))
    const shown = await agent.waitFor('missing: outcome.result')
    expect(shown).toContain('seq 214  11:00:00Z  u_42  invoice.approve  invoice/inv_7  outcome unknown\n')
    expect(shown).toContain('         redacted: unmapped.password; missing: outcome.result\n')

    // Cursors are written at most a second behind.
    let traced = await checkout.type(command('npx affiant show'))
    for (let tries = 0; tries < 20 && !traced.output.includes('delivered: file, terminal'); tries++) {
      traced = await checkout.type(command('npx affiant show'))
    }
    expect(traced.output).toContain('raw line (byte 41,207)')
    expect(traced.output).toMatch(/user: u_42 +→ +actor\.id: u_42/)
    expect(traced.output).toMatch(/event: invoice\.approve +→ +action: invoice\.approve/)
    expect(traced.output).toMatch(/invoice: inv_7 +→ +targets\.id: inv_7/)
    expect(traced.output).toMatch(/ts: 2026-11-23T12:00:00\+01:00 +→ +time: 2026-11-23T11:00:00\.000000000Z/)
    expect(traced.output).toMatch(
      /id [0-9a-f-]{36} {2}committed \+\d+ ms {2}delivered: file, terminal \+[\d,]+ ms/,
    )
    expect(traced.output).not.toContain('"x"')

    const kill = command('kill -9').replace(' && npm start', '')
    expect((await checkout.type(kill)).exitCode).toBe(0)
    await agent.exited
  }

  await using agent = checkout.start('npm start')
  const recovered = await agent.waitFor('213 lines read = committed = delivered')
  expect(recovered).toMatch(/recovered in [\d,]+ ms: .*; 213 lines \+ 2 own events; resumed at byte 41,315$/m)

  const written = await checkout.type('npm run demo:event')
  expect(written.output).toContain('"event":"invoice.approve"')
  await agent.waitFor(/seq 217 .*invoice\.approve/)

  const otlp = await checkout.type(command('npm run demo:otlp'))
  expect(otlp.exitCode, otlp.output).toBe(0)
  await agent.waitFor(/seq 2(19|2\d) /)

  const curl = await checkout.type(command('curl '))
  expect(curl.output).toContain('{}')
  await agent.waitFor(/u_42 {2}order\.refund {2}order\/ord_9 {2}outcome denied/)

  // Ctrl-C: the whole foreground group hears it, as at a terminal.
  process.kill(-agent.process.pid!, 'SIGINT')
  await agent.exited

  const events = readFileSync(join(checkout.directory, 'out/events.ndjson'), 'utf8').trim().split('\n')
  const ids = new Set(events.map((line) => JSON.parse(line).id))
  expect(ids.size).toBeGreaterThanOrEqual(212 + 2 + 1)
  expect(events.join('\n')).not.toContain('"password":"x"')

  const crash = await checkout.type(`${command('npm run demo:crash')} -- --lines 5000`)
  expect(crash.output).toMatch(/5,000 lines, kill -9 at [\d,]+( · [\d,]+){4}/)
  expect(crash.output).toMatch(/written 5,000 = journal 5,000; lost 0; twice 0; re-sent [\d,]+ \(same ids\)/)
  expect(crash.exitCode).toBe(0)
})
