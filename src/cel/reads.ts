/** Which members of its variables an expression reads: what a person wants to see who asks why it was not true. */
import { type Expr, parse } from './parse.ts'

/**
 * Paths in the order of the source, each once: `['actor', 'type']`. What a loop does with its own variable is not among
 * them, the list that it goes over is.
 * @throws CelError
 */
export function readsOf(source: string): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>()
  walk(parse(source).root, new Set(), (path) => found.set(path.join('\0'), path))
  return [...found.values()]
}

function walk(expr: Expr | undefined, bound: ReadonlySet<string>, found: (path: string[]) => void): void {
  if (expr === undefined) return
  const path = pathOf(expr)
  if (path !== undefined) {
    if (!bound.has(path[0]!)) found(path)
    return
  }
  const { exprKind } = expr
  switch (exprKind.case) {
    case 'selectExpr':
      walk(exprKind.value.operand, bound, found)
      break
    case 'callExpr':
      walk(exprKind.value.target, bound, found)
      for (const argument of exprKind.value.args) walk(argument, bound, found)
      break
    case 'listExpr':
      for (const element of exprKind.value.elements) walk(element, bound, found)
      break
    case 'structExpr':
      for (const { keyKind, value } of exprKind.value.entries) {
        if (keyKind.case === 'mapKey') walk(keyKind.value, bound, found)
        walk(value, bound, found)
      }
      break
    case 'comprehensionExpr': {
      const { iterRange, iterVar, iterVar2, accuVar, loopStep, result } = exprKind.value
      walk(iterRange, bound, found)
      const within = new Set([...bound, iterVar, iterVar2, accuVar])
      walk(loopStep, within, found)
      walk(result, within, found)
      break
    }
  }
}

/** `actor.type`: members of a variable, and nothing else. */
function pathOf({ exprKind }: Expr): string[] | undefined {
  if (exprKind.case === 'identExpr') return [exprKind.value.name.replace(/^\./, '')]
  if (exprKind.case !== 'selectExpr' || exprKind.value.operand === undefined) return undefined
  const below = pathOf(exprKind.value.operand)
  return below && [...below, exprKind.value.field]
}
