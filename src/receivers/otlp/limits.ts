/** Bounds of decoding that no configuration needs to change. */

/** Arrays and maps within each other in one value; protobuf's own libraries stop at 100 messages, 3 a level. */
export const deepestValue = 64

/** A chunk handed to the intake ends after this many records or bytes of input, whichever comes first. */
export const chunkRecords = 1000
export const chunkBytes = 1024 * 1024
