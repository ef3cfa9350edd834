/**
 * `1234567.25` as `1,234,567.25`, to three places. Not `toLocaleString`: what ICU reads for its first number stays in
 * memory, 7 MiB of an agent that has no other use for it.
 */
export function figure(value: number | bigint): string {
  const isWhole = typeof value === 'bigint' || Number.isInteger(value)
  const text = String(isWhole ? value : Math.round(value * 1000) / 1000)
  const [whole = '', places] = text.split('.')
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
  return places === undefined ? grouped : `${grouped}.${places}`
}
