/** Arrays and maps within each other in one value; protobuf's own libraries stop at 100 messages, 3 a level. */
export const deepestValue = 64

/** Resources and scopes without a record between them, after which others have their turn: some milliseconds. */
export const idleTurn = 16 * 1024
