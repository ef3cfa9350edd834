/** `affiant validate`: every problem of a configuration, at its line. */
import picocolors from 'picocolors'
import { inspectAgentConfig } from '../agent/load.ts'
import { renderProblems } from '../config/render.ts'
import { AffiantError } from '../errors.ts'

interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

interface ValidateOptions {
  /** Files and directories; none: the first of the usual places. */
  readonly paths: readonly string[]
  /** False: look up no variable and no secret file. */
  readonly environment: boolean
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly out: Output
  readonly err: Output
}

/** 0: valid, warnings or not; 78: not valid; 66: a file cannot be read. */
export async function validateCommand({
  paths,
  environment,
  env,
  out,
  err,
}: ValidateOptions): Promise<0 | 66 | 78> {
  try {
    const { problems, files } = await inspectAgentConfig(paths, {
      environment,
      ...(env === undefined ? {} : { env }),
    })
    const colors = picocolors.isColorSupported && err.isTTY === true
    if (problems.length > 0) err.write(renderProblems(problems, { colors }))
    if (problems.some(({ severity }) => severity === 'error')) return 78
    out.write(`${files.join(', ')}: valid\n`)
    return 0
  } catch (thrown) {
    if (!(thrown instanceof AffiantError) || thrown.code !== 'config_unreadable') throw thrown
    err.write(`${thrown.message}\n${thrown.hint === undefined ? '' : `  ${thrown.hint}\n`}`)
    return 66
  }
}
