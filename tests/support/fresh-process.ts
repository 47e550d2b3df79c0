/**
 * Before each file of tests: what the library keeps for a process is forgotten, such as the warnings that it gives once.
 * Files share processes, and each may expect a new one.
 */
for (const key of Object.getOwnPropertySymbols(globalThis)) {
  if (key.description?.startsWith('next-atproto-auth')) Reflect.deleteProperty(globalThis, key)
}
