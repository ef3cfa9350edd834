/**
 * Where files of ours are that are opened by name. It lies at the top because the package has its code in a few files
 * there, whatever module it came from: names beside a module would hold in a checkout only.
 */

/** `path` from the directory of the sources, `dist/` in the package. */
export const ownFile = (path: string): URL => new URL(path, import.meta.url)

/** A module that is started as a thread; `path` without its extension. */
export const ownThread = (path: string): URL =>
  ownFile(`${path}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`)
