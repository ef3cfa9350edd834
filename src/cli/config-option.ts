/** `-c`, as commands take it that need a configuration. */

/** For options that may be given several times. */
export const collect = (value: string, previous: string[]): string[] => [...previous, value]

export const configOption = [
  '-c, --config <path>',
  'a configuration file, or a directory of them; may be given several times',
  collect,
  [] as string[],
] as const

export interface ConfigOptions {
  readonly config: string[]
}
