/** Polls until it holds; a process on a loaded machine gets more time, and is asked less often, than a part of one. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seen: () => unknown = () => '',
  seconds = 40,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}; seen: ${JSON.stringify(seen())}`)
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
}
