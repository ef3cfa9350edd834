// `npm run demo:event`: writes one audit line as an application would, and says what to look for.
import { appendFileSync, existsSync } from 'node:fs'

const log = 'demo/app-audit.log'
if (!existsSync(log)) {
  process.stderr.write(`${log} is not there yet: run npm start first, in another terminal.\n`)
  process.exit(1)
}
const line = JSON.stringify({
  ts: new Date().toISOString(),
  user: 'u_42',
  event: 'invoice.approve',
  invoice: `inv_${process.pid}`,
  password: 'x',
})
appendFileSync(log, `${line}\n`)
process.stdout.write(
  `appended to ${log}:\n${line}\nThe terminal with npm start shows it as an event; the password does not leave the agent.\n`,
)
