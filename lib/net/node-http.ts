/**
 * The parts of node:http and node:https that this library sends requests with.
 *
 * They are not imported, because Node.js then reads every export of the module, among them `WebSocket`, for which it
 * loads the whole of its global fetch: a quarter of the time that an import of this library takes. Types are erased, so
 * they come from an import as everywhere.
 */
export const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule('node:http')
export const { Agent: HttpsAgent, request: httpsRequest } = process.getBuiltinModule('node:https')
