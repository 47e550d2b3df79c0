/**
 * The parts of node:http and node:https that this library sends requests with.
 *
 * They are not imported, because Node.js then reads every export of the module, among them `WebSocket`, for which it
 * loads the whole of its global fetch, in about 25 ms. Types are erased, so they come from an import as everywhere.
 */
const http = process.getBuiltinModule('node:http')
const https = process.getBuiltinModule('node:https')

export const { Agent: HttpAgent, request: httpRequest } = http
export const { Agent: HttpsAgent, request: httpsRequest } = https
