// The deployment guides, typed from top to bottom by root in a copy of a clone: what they install, they install into layers over the
// machine's directories, which go with the mount namespace. What cannot be run here is marked on the page, for readers too.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { blocksOf } from '../docs/blocks.ts'
import { WorkDirectory } from '../e2e/agent-process.ts'
import { Checkout } from '../e2e/checkout.ts'
import { eventsIn } from '../e2e/events.ts'
import { unlessMissing } from '../peers/kept.ts'
import { kubectl } from './kubectl.ts'

const root = join(import.meta.dirname, '../..')
const pages = ['container', 'kubernetes', 'systemd'].map((name) => `docs/deployment-${name}.md`)
const typed = (page: string) => blocksOf('sh').filter((block) => block.page === page)
const commandsOf = (page: string) =>
  typed(page)
    .map(({ text }) => text)
    .join('\n')

test.each(pages)('%s: what was not run is said to be so', (page) => {
  const text = readFileSync(join(root, page), 'utf8')
  const marked = [...text.matchAll(/^```sh not-run$/gm)].map(({ index }) => text.slice(0, index))
  expect(marked.length).toBeGreaterThan(0)
  for (const before of marked) {
    // Said once in a section, it holds for the blocks that follow in it.
    const section = before.slice(before.lastIndexOf('\n## ')).replaceAll(/\s+/g, ' ')
    expect(section, section.slice(-200)).toContain('Not run by the tests')
  }
  expect(typed(page).length).toBeGreaterThan(0)
})

test('docs/deployment-container.md', { timeout: 60_000 }, async () => {
  using checkout = new Checkout()
  const [config] = blocksOf('yaml').filter(({ page }) => page === pages[0])
  const write = `cat > affiant.yaml <<'END'\n${config!.text}\nEND`
  const { output, exitCode } = await checkout.type(`set -eux\n${write}\n${commandsOf(pages[0]!)}`)
  expect(exitCode, output).toBe(0)
})

const program = await unlessMissing('kubectl', kubectl)
test.runIf(program !== undefined)('docs/deployment-kubernetes.md', { timeout: 120_000 }, async () => {
  using checkout = new Checkout()
  const PATH = `PATH='${dirname(program!)}${delimiter}'"$PATH"`
  const { output, exitCode } = await checkout.type(`set -eux\n${PATH}\n${commandsOf(pages[1]!)}`)
  expect(exitCode, output).toBe(0)
  for (const kind of ['DaemonSet', 'Deployment', 'PersistentVolumeClaim'])
    expect(output).toContain(`kind: ${kind}`)
})

/** Layers over what the guide writes to. */
const layers = ['/etc', '/opt', '/usr/lib', '/usr/local', '/var/lib']
const layered = (above: string) =>
  [
    'mount --make-rprivate /',
    ...layers.flatMap((path) => {
      const [upper, work] = ['upper', 'work'].map((part) => `${above}/${part}${path}`)
      const options = `lowerdir=${path},upperdir=${upper},workdir=${work}`
      return [`mkdir -p ${upper} ${work}`, `mount -t overlay overlay -o ${options} ${path}`]
    }),
  ].join('\n')

function canLayer(): boolean {
  const tools = ['systemd-sysusers', 'systemd-tmpfiles', 'systemd-analyze', 'setpriv']
  const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
  using directory = new WorkDirectory()
  if (
    missing.length === 0 &&
    spawnSync('unshare', ['--mount', 'sh', '-ec', layered(directory.path)]).status === 0
  )
    return true
  const why = missing.length > 0 ? `${missing.join(', ')} missing` : 'it takes root, and overlayfs'
  if (process.env.CI) throw new Error(`docs/deployment-systemd.md cannot be tried: ${why}`)
  process.stderr.write(`skipped: docs/deployment-systemd.md: ${why}\n`)
  return false
}

describe.runIf(canLayer())('docs/deployment-systemd.md', () => {
  test('from a clone to a user that runs it', { timeout: 600_000 }, async () => {
    using checkout = new Checkout()
    using directory = new WorkDirectory()
    // `npm ci` is what the copy stands for. The service itself: its program, its user, its directories.
    const commands = commandsOf(pages[2]!).replace('npm ci && ', '')
    expect(commands).not.toBe(commandsOf(pages[2]!))
    const log = directory.write('audit.log', '{"user":"u_1","event":"invoice.read","result":"success"}\n')
    const once = `receivers: { app: { type: file, include: [/var/lib/app/audit.log] } }
sinks: { out: { type: file, path: out.ndjson } }
telemetry: { listen: 127.0.0.1:0 }
`
    const run = `
mkdir /var/lib/app && cp ${log} /var/lib/app/ && chgrp adm /var/lib/app/audit.log && chmod 640 /var/lib/app/audit.log
cp ${directory.write('once.yaml', once)} /etc/affiant/once.yaml && chown root:affiant /etc/affiant/once.yaml
test "$(stat -c %a /etc/affiant/token)" = 600
cd /var/lib/affiant
env -i $(sed -n 's/^Environment=//p' /etc/systemd/system/affiant.service) setpriv --reuid affiant --regid affiant \\
  --groups "$(getent group adm | cut -d: -f3)" --no-new-privs --bounding-set -all --inh-caps -all \\
  $(sed -n 's/^ExecStart=//p' /etc/systemd/system/affiant.service | sed 's/affiant.yaml/once.yaml/') --once
cp out.ndjson ${directory.at('out.ndjson')}
`
    // The Node that tests run with is none of the machine's: only what the guide installs may be found.
    const path = String.raw`PATH=$(printf %s "$PATH" | tr : '\n' | grep -v node_modules/.bin | paste -sd :)`
    const script = [path, layered(directory.path), commands, run].join('\n')
    const inside = directory.write('guide.sh', `set -eux\n${script}`)
    const { output, exitCode } = await checkout.type(`unshare --mount bash ${inside}`)
    expect(exitCode, output.slice(-4_000)).toBe(0)
    expect(eventsIn(directory.at('out.ndjson'))).toMatchObject([
      { actor: { id: 'u_1' }, action: 'invoice.read' },
    ])
    // None of it is on this machine.
    for (const installed of [
      '/etc/affiant',
      '/opt/affiant',
      '/usr/local/bin/affiant',
      '/usr/lib/sysusers.d/affiant.conf',
    ])
      expect(existsSync(installed), installed).toBe(false)
  })
})
