/** `affiant reload`: the running agent reads its configuration again, and says what came of it. */
import picocolors from 'picocolors'
import { loadDataDir } from '../agent/load.ts'
import { foundAs, type ReloadReport } from '../agent/reload-report.ts'
import { renderProblems } from '../config/render.ts'
import { type ErrorCode, errorTable } from '../errors.ts'
import { askReload } from './ask-reload.ts'
import { requester } from './operate.ts'

interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

interface ReloadOptions {
  readonly config: readonly string[]
  readonly json: boolean
  readonly out: Output
  readonly err: Output
}

/** 0: the agent runs what the files say; otherwise the code of why it does not. */
export async function reloadCommand({ config, json, out, err }: ReloadOptions): Promise<number> {
  const dataDir = await loadDataDir(config)
  const report = await askReload(dataDir, requester())
  if (json) out.write(`${JSON.stringify(report)}\n`)
  else {
    const colors = picocolors.isColorSupported && err.isTTY === true
    if (report.problems.length > 0) err.write(renderProblems(report.problems.map(foundAs), { colors }))
    if (report.outcome === 'refused') err.write(refusal(report))
    else out.write(summary(report))
  }
  if (report.outcome !== 'refused') return 0
  const code = (Object.keys(errorTable) as ErrorCode[]).find((each) => each === report.code) ?? 'internal'
  return errorTable[code].exit
}

function summary({ outcome, added, changed, removed, to }: ReloadReport): string {
  const hash = to === null ? '' : ` (${to.slice(0, 12)})`
  if (outcome === 'unchanged') return `unchanged${hash}\n`
  const lines = [
    ['added', added],
    ['changed', changed],
    ['removed', removed],
  ] as const
  const named = lines.flatMap(([what, names]) =>
    names.length === 0 ? [] : [`  ${what}: ${names.join(', ')}`],
  )
  return `${[`the configuration has changed${hash}`, ...named].join('\n')}\n`
}

const refusal = ({ reason, hint, from }: ReloadReport): string =>
  `affiant: not changed, ${from.slice(0, 12)} runs on: ${reason ?? 'it was refused'}\n${hint === null ? '' : `  ${hint}\n`}`
