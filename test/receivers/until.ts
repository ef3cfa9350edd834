/** Waiting without guessing: polls until it holds, fails with what was seen when it never does. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seen: () => unknown = () => '',
): Promise<void> {
  const deadline = performance.now() + 15_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}; seen: ${JSON.stringify(seen())}`)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}

/** Holds for `milliseconds` without a break. */
export async function throughout(what: string, milliseconds: number, holds: () => boolean): Promise<void> {
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    if (!holds()) throw new Error(`no longer: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}
