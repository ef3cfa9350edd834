/**
 * `node:http`, taken as it is: an `import` of it reads all that it exports, among which are getters that load a second
 * HTTP client, at a tenth of what starting costs.
 */
export const http = process.getBuiltinModule('node:http')
