/** What is parsed once is not worth a function made for it, which is zod's way with objects. */
export const once = { jitless: true }
