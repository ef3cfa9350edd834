/** Patterns of the logs themselves; what a rotation makes of them is found beside them. */
export const logPatterns = ({ directory }: { readonly directory: string }): string[] => [
  directory.endsWith('/pods') ? `${directory}/*/*/*.log` : `${directory}/*.log`,
]
